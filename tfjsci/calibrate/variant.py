"""A graph and the quantisation of one variant -> the codes of those of its weights that samples tell something about."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from tfjsci.artifact.codes import stored_as
from tfjsci.artifact.quantize import Quantizations
from tfjsci.calibrate.calibrate import Calibrated, Told, calibrate
from tfjsci.calibrate.samples import Calls, by_node, count_samples, first_calls
from tfjsci.errors import BadInputs, ConversionFailed
from tfjsci.graph.graph import Graph
from tfjsci.graph.running import NotRunnable
from tfjsci.inputs.inputs import Inputs
from tfjsci.listed import listed
from tfjsci.quantize.scheme import BITS, Scheme
from tfjsci.quantize.weight import PreparedWeight
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.signature import TensorSpec

log = logging.getLogger("tfjsci")


def calls_for_calibration(inputs: Inputs | None, specs: Sequence[TensorSpec], samples: int | None) -> Calls:
    """The calls of a manifest's inputs that hold ``samples`` samples (None: all). Raises ``BadInputs`` unless all are real."""
    if inputs is None:
        raise BadInputs("there is nothing to calibrate with: the inputs couldn't be prepared")
    if inputs.random:
        raise BadInputs(
            f"the inputs are {inputs.basis.values}: chance says nothing of what the model will be fed with",
            hint="Name a file for each input under inputs:, or leave calibrate: out.",
        )
    return first_calls(inputs.samples, specs, samples)


def calibrated(
    graph: Graph,
    inputs: Sequence[TensorSpec],
    quantization: Quantizations,
    calls: Calls,
    *,
    told: Told = lambda done, of: log.info("calibrated %d of %d weights", done, of),
) -> tuple[Mapping[str, PreparedWeight], tuple[str, ...]]:
    """The codes for ``write_variant``'s ``prepared``, and what the reader should know of the calibration.

    ``calls`` are values by input name; ``told`` hears how many weights are done, of how many. Raises ``BadInputs`` when there
    are none or the model can't be run on them, and ``ConversionFailed`` when no weight has codes that could be chosen.
    """
    samples = count_samples(calls, inputs)
    if not samples:
        raise BadInputs("there are no samples to calibrate with", hint="Give files with real inputs.")
    schemes = schemes_of(graph, quantization)
    if not schemes:
        raise ConversionFailed(
            "there is nothing to calibrate: no weight is stored in whole numbers",
            hint=f"Leave calibration out, or quantise to one of {', '.join(BITS)}.",
        )
    try:
        done = calibrate(graph, schemes, by_node(graph, inputs, calls), told=told)
    except (NotRunnable, NotComputable) as error:
        raise BadInputs(
            f"the model can't be run in TensorFlow on the samples to calibrate with: {str(error)[:300]}",
            hint="Give it samples that the original takes, or leave calibration out.",
        ) from error
    return done.prepared, notes_of(done, samples)


def schemes_of(graph: Graph, quantization: Quantizations) -> dict[str, Scheme]:
    """The weights that samples can choose, each with the scheme that it really gets; none where no weight is stored as whole
    numbers on a scale, beside which those of float16 are moved. Upstream's own are as they are."""
    found = {
        name: each.scheme for name, each in stored_as(graph, quantization).items() if not each.wanted.exact_upstream
    }
    return found if any(scheme.name in BITS for scheme in found.values()) else {}


def notes_of(done: Calibrated, samples: int) -> tuple[str, ...]:
    """How many weights on how many samples, and why the others weren't."""
    total = len(done.prepared) + len(done.plain)
    weights = f"{len(done.prepared)} of {total} weights" if done.plain else f"all {total} weights"
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, reason in done.plain.items():
        by_reason[reason].append(name)
    return (
        f"calibrated on {samples} samples: {weights}",
        *(f"rounded without samples, as {reason}: {listed(names, 3)}" for reason, names in by_reason.items()),
    )
