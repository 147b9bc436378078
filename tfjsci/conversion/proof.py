"""The proof of a conversion: what was written, run in a real browser, gives the original's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path

from tfjsci.browser.protocol import BackendEnvironment, Session
from tfjsci.compare.compare import compare_outputs
from tfjsci.compare.comparison import OutputComparison
from tfjsci.conversion.conversion import OutputRun
from tfjsci.conversion.wanted import Verify
from tfjsci.dtypes import NarrowFloat, SchemeName
from tfjsci.errors import BadInputs, NumbersDiffer
from tfjsci.escape import one_line
from tfjsci.graph.graph import Array, node_of
from tfjsci.inputs.by_name import by_input
from tfjsci.inputs.fit import fit_dtype
from tfjsci.inputs.inputs import make_inputs
from tfjsci.load.loaded import LoadedGraph
from tfjsci.quantize.scheme import COARSEST_FIRST
from tfjsci.reference import run_reference
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.signature import TensorSpec
from tfjsci.verdict.tolerances import ZERO_REFERENCE_MAX_ABS, conversion_tolerances, looser, quantized_tolerances
from tfjsci.verify.noise import narrow_float
from tfjsci.verify.original import NOISE_TIMES, Original
from tfjsci.verify.run import drawing

BATCH = 3
"""Samples of an open batch: more than one, and no size that a model's other dimensions often have."""

_WRONG = "tfjsci run, with real inputs, tells more; --explain names the rules that were applied, and --no-rule leaves one out."
_RANDOM = (
    "The model draws random numbers, others each time ({}), so that no two runs agree: convert it without --verify, or feed "
    "the numbers as an input."
)

_ENLARGED = (
    "It may be no error: the original's own numbers change by {:.1f} dB where each weight and input is off by its last bit. With "
    "trained weights, or real inputs (--verify-inputs), a model seldom makes so much of that."
)

TO_VERIFY = "to verify with"
"""What values are for, as errors say it."""


def prove(
    folder: Path,
    original: LoadedGraph,
    *,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    schemes: Sequence[SchemeName],
    verify: Verify,
    session: Session,
) -> tuple[tuple[OutputRun, ...], tuple[str, ...]]:
    """Run the artifact in ``folder`` on each backend, and hold each output to the built-in tolerances.

    What came of it, and what to tell of the values that were given.
    ``inputs`` and ``outputs`` are the artifact's, with the original's names or else in its order; ``schemes`` what weights were
    quantised to.
    Raises ``NumbersDiffer`` naming every output that is off, ``BadInputs`` where values are missing, don't fit or come
    to no number, ``ReferenceFailed``, ``BrowserJobFailed``, ``BackendUnavailable``, ``BrowserMissing``.
    """
    values, notes = _values(original.inputs, verify)
    answers = run_reference(original, [values])[0]
    wanted = {name: answers[own] for name, own in _paired(outputs, original.outputs)}
    given = {name: values[own] for name, own in _paired(inputs, original.inputs)}
    narrow = narrow_float(original.graph)
    runs: list[OutputRun] = []
    wrong: list[str] = []
    empty: list[str] = []
    for backend in verify.backends:
        prediction = session.predict(folder, backend, [given], deadline_seconds=verify.deadline_seconds)[0]
        limit = _limit(prediction.environment, schemes, narrow)
        for found in compare_outputs([wanted], [prediction.outputs], topk=False):
            if why := _off(found, limit):
                wrong.append(f"output {one_line(found.output)!r} on {backend}: {why}")
            if found.nothing_finite:
                empty.append(f"output {one_line(found.output)!r} on {backend}")
            runs.append(
                OutputRun(
                    backend=backend, output=found.output, exact=found.exact, sqnr_db=found.sqnr_db,
                    max_abs=found.max_abs, limit_db=limit,
                )
            )  # fmt: skip
    if wrong:
        told = _RANDOM.format(drawn) if (drawn := drawing(original.graph)) else _WRONG
        worst = min((run.sqnr_db for run in runs if run.sqnr_db is not None), default=None)
        if not drawn and not schemes and worst is not None:
            told = _noise(original, values, worst) or told
        raise NumbersDiffer(
            f"the converted model doesn't give the original's numbers: {'; '.join(wrong)}",
            hint=f"Nothing was written. {told}",
        )
    if empty:
        raise BadInputs(
            f"nothing was compared, as there is no finite number on either side: {'; '.join(empty)}",
            hint="Nothing was written. Give --verify-inputs (verify_inputs= in Python), an array for each input for which "
            "the model gives numbers.",
        )
    return tuple(runs), notes


def _noise(original: LoadedGraph, values: Mapping[str, Array], found_db: float) -> str | None:
    """What to say where rounding alone changes the original's outputs about as much; None where it doesn't."""
    placeholders = {node_of(spec.tensor): values[spec.name] for spec in original.inputs}
    names = [spec.name for spec in original.outputs]
    try:
        noise_db = Original(
            original.graph, inputs=placeholders, names=names, evaluate=evaluate_in_tensorflow
        ).noise_db()
    except NotComputable:
        return None
    if noise_db is None or found_db < noise_db - 20 * log10(NOISE_TIMES):
        return None
    return _ENLARGED.format(noise_db)


def _paired(specs: Sequence[TensorSpec], original: Sequence[TensorSpec]) -> list[tuple[str, str]]:
    """The artifact's names, each with the original's: a SavedModel has an order of its own, by name."""
    names = [spec.name for spec in specs]
    if {spec.name for spec in original} == set(names):
        return [(name, name) for name in names]
    return [(name, own.name) for name, own in zip(names, original, strict=True)]


def _values(specs: Sequence[TensorSpec], verify: Verify) -> tuple[dict[str, Array], tuple[str, ...]]:
    """One call's arrays by the original's input names, in its dtypes; and what to tell of those that were given."""
    if verify.inputs is None:
        try:
            made = make_inputs(specs, files={}, shapes={}, batch=BATCH, seed=verify.seed, ranges={})
        except BadInputs as error:
            raise BadInputs(
                error.message, hint="Give values to verify with: --verify-inputs FILE.npz (verify_inputs= in Python)."
            ) from error
        return dict(made.samples[0]), ()
    found = by_input(verify.inputs, [spec.name for spec in specs], purpose=TO_VERIFY)
    own = found.arrays()
    fit = {spec.name: fit_dtype(own[spec.name], dtype=spec.dtype, where=f"input {spec.name!r}") for spec in specs}
    return fit, found.notes


def _limit(environment: BackendEnvironment, schemes: Sequence[SchemeName], narrow: NarrowFloat | None) -> float:
    flags: Mapping[str, str] = environment.flags
    limits = conversion_tolerances(environment.backend, flags, narrow)
    coarsest = next((scheme for scheme in COARSEST_FIRST if scheme in schemes), None)
    if coarsest is not None:
        limits = looser(quantized_tolerances(coarsest, environment.backend, flags), limits)
    return limits.sqnr_db.error


def _off(found: OutputComparison, limit: float) -> str | None:
    """Why the numbers don't agree; None: they do."""
    if found.problem is not None:
        return found.problem
    if found.exact:
        return None
    if found.sqnr_db is None:
        far = found.max_abs or 0.0
        return f"it is off by {far:.3g} where the original is zero" if far > ZERO_REFERENCE_MAX_ABS else None
    return f"{found.sqnr_db:.1f} dB, the limit is {limit:g} dB" if found.sqnr_db < limit else None
