"""What each part is worth: int4 and uint8 with one part after the other switched on, simulated in TensorFlow.

The browser's own numbers differ from these by float32 noise alone (90 dB and more below the signal): the weights are what it
will have, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tfjsci.artifact.quantize import Quantization, scheme_of
from tfjsci.calibrate.calibrate import calibrate
from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.samples import by_node, calls_of
from tfjsci.converter import Converted
from tfjsci.graph.graph import Array, Graph, node_of
from tfjsci.graph.running import runnable
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import stored_values
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.simulated import with_values

from ..trained.models import Samples
from ..trained.net import Trained
from .measured import Figures, figures

ROUNDED: dict[str, Scheme] = {
    "uint8, min–max": Scheme(name="uint8", ranges="min-max"),
    "uint8, least error": Scheme(name="uint8"),
    "uint8-per-channel, min–max": Scheme(name="uint8-per-channel", ranges="min-max"),
    "uint8-per-channel, least error": Scheme(name="uint8-per-channel"),
    "int4, min–max": Scheme(name="int4", ranges="min-max"),
    "int4, least error": Scheme(name="int4"),
    "int4, groups of 128": Scheme(name="int4", group=128),
    "int4, groups of 64": Scheme(name="int4", group=64),
    "int4, groups of 32": Scheme(name="int4", group=32),
    "int4, groups of 16": Scheme(name="int4", group=16),
}
"""Rounded to the nearest, without samples."""

CALIBRATED: dict[str, tuple[Scheme, dict[str, bool]]] = {
    "int4, feedback, float activations": (Scheme(name="int4"), {"sequential": False}),
    "int4, feedback, quantised activations": (Scheme(name="int4"), {"make_up": False}),
    "int4, making up alone": (Scheme(name="int4"), {"feedback": False}),
    "int4, both, least error": (Scheme(name="int4"), {"whole_range": False}),
    "int4, both, min–max": (Scheme(name="int4", ranges="min-max"), {}),
    "int4, both, min–max unless least error is much better": (Scheme(name="int4"), {}),
    "int4, both, groups of 64": (Scheme(name="int4", group=64), {}),
    "int4, both, groups of 32": (Scheme(name="int4", group=32), {}),
    "uint8, both": (Scheme(name="uint8"), {}),
    "uint8-per-channel, both": (Scheme(name="uint8-per-channel"), {}),
}


def ablate(net: Trained, samples: Samples, converted: Converted) -> dict[str, Figures]:
    """The figures of each row."""
    graph = converted.graph
    calls = by_node(graph, converted.inputs, calls_of(converted.inputs, {samples.input_name: samples.calibration}))
    taken = [
        name
        for name, constant in graph.all_constants.items()
        if scheme_of(name, constant, Quantization(scheme=Scheme(name="int4"))) is not None
    ]
    found: dict[str, Figures] = {"float": simulated(net, samples, converted, {})}
    for row, scheme in ROUNDED.items():
        found[row] = simulated(net, samples, converted, {name: _nearest(graph, name, scheme) for name in taken})
    for row, (scheme, off) in CALIBRATED.items():
        done = calibrate(graph, dict.fromkeys(taken, scheme), calls, **off)  # type: ignore[arg-type]
        values = {name: weight.values() for name, weight in done.prepared.items()}
        values |= {name: _nearest(graph, name, scheme) for name in done.plain}
        found[row] = simulated(net, samples, converted, values)
    return found


def simulated(net: Trained, samples: Samples, converted: Converted, values: Mapping[str, Array]) -> Figures:
    """The figures of a variant that has these values of its weights."""
    graph: Graph = with_values(plain_ops(converted.graph), values)
    (spec,) = converted.inputs
    (output,) = runnable(graph)({node_of(spec.tensor): np.asarray(samples.held)})
    return figures(net, samples, output)


def _nearest(graph: Graph, name: str, scheme: Scheme) -> Array:
    return stored_values(graph.all_constants[name].value, scheme, axes=channel_axes(graph, name) or ())
