"""What each part is worth: ranges and rounding without samples, and calibration one part after the other, in TensorFlow.

The browser's own numbers differ from these by float32 noise alone (90 dB and more below the signal): the weights are what it
will have, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tfjsci.artifact.quantize import Quantization, scheme_of
from tfjsci.artifact.small_weights import settled
from tfjsci.calibrate.calibrate import calibrate
from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.samples import by_node, calls_of
from tfjsci.converter import Converted
from tfjsci.dtypes import SchemeName
from tfjsci.graph.graph import Array, Graph, node_of
from tfjsci.graph.running import runnable
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import stored_values
from tfjsci.quantize.scheme import Ranges, Rounding, Scheme
from tfjsci.quantize.simulated import with_values

from ..trained.models import Samples
from ..trained.net import Trained
from .measured import Figures, figures

_RANGES: dict[Ranges, str] = {"min-max": "min–max", "least-error": "least error"}
_NAMES: tuple[SchemeName, ...] = ("uint8", "uint8-per-channel", "int6", "int4")
_ROUNDINGS: tuple[Rounding, ...] = ("nearest", "balanced")


def _alike(scheme: Scheme) -> Quantization:
    """All weights in it, the smallest, too."""
    return Quantization(scheme=scheme, small_weights="quantized")


ROUNDED: dict[str, Quantization] = {
    **{
        f"{name}, {told}, {rounding}": _alike(Scheme(name=name, ranges=ranges, rounding=rounding))
        for name in _NAMES
        for ranges, told in _RANGES.items()
        for rounding in _ROUNDINGS
    },
    **{
        f"int4, groups of {group}, {told}, balanced": _alike(Scheme(name="int4", group=group, ranges=ranges))
        for group in (128, 64, 32, 16)
        for ranges, told in _RANGES.items()
    },
    **{f"{name}, the smallest in float16": Quantization(scheme=Scheme(name=name)) for name in _NAMES},
}
"""Without samples; the last are the schemes as they are by default, and all before have all weights alike."""

CALIBRATED: dict[str, tuple[Scheme, dict[str, bool]]] = {
    "int4, feedback, float activations": (Scheme(name="int4"), {"sequential": False}),
    "int4, feedback, quantised activations": (Scheme(name="int4"), {"make_up": False}),
    "int4, making up alone": (Scheme(name="int4"), {"feedback": False}),
    "int4, both, least error": (Scheme(name="int4", ranges="least-error"), {"whole_range": False}),
    "int4, both, min–max": (Scheme(name="int4", ranges="min-max"), {}),
    "int4, both, min–max unless least error is much better": (Scheme(name="int4"), {}),
    "int4, both, groups of 64": (Scheme(name="int4", group=64), {}),
    "int4, both, groups of 32": (Scheme(name="int4", group=32), {}),
    "uint8, both": (Scheme(name="uint8"), {}),
    "uint8-per-channel, both": (Scheme(name="uint8-per-channel"), {}),
}


def ablate_plain(net: Trained, samples: Samples, converted: Converted) -> dict[str, Figures]:
    """The figures of each row of :data:`ROUNDED`, after those of the float model."""
    graph = converted.graph
    found: dict[str, Figures] = {"float": simulated(net, samples, converted, {})}
    for row, quantization in ROUNDED.items():
        schemes = _schemes(graph, quantization)
        values = {name: _plain(graph, name, scheme) for name, scheme in schemes.items()}
        found[row] = simulated(net, samples, converted, values)
    return found


def ablate_calibrated(net: Trained, samples: Samples, converted: Converted) -> dict[str, Figures]:
    """The figures of each row of :data:`CALIBRATED`."""
    graph, taken = converted.graph, _schemes(converted.graph, _alike(Scheme(name="int4")))
    shared, _ = calls_of(converted.inputs, {samples.input_name: samples.calibration})
    calls = by_node(graph, converted.inputs, shared)
    found: dict[str, Figures] = {}
    for row, (scheme, off) in CALIBRATED.items():
        done = calibrate(graph, dict.fromkeys(taken, scheme), calls, **off)  # type: ignore[arg-type]
        values = {name: weight.values() for name, weight in done.prepared.items()}
        values |= {name: _plain(graph, name, scheme) for name in done.plain}
        found[row] = simulated(net, samples, converted, values)
    return found


def _schemes(graph: Graph, quantization: Quantization) -> dict[str, Scheme]:
    """By weight, of those that are quantised."""
    each = settled(graph.all_constants.items(), quantization)
    found = {name: scheme_of(name, constant, each) for name, constant in graph.all_constants.items()}
    return {name: scheme for name, scheme in found.items() if scheme is not None}


def simulated(net: Trained, samples: Samples, converted: Converted, values: Mapping[str, Array]) -> Figures:
    """The figures of a variant that has these values of its weights."""
    graph: Graph = with_values(plain_ops(converted.graph), values)
    (spec,) = converted.inputs
    (output,) = runnable(graph)({node_of(spec.tensor): np.asarray(samples.held)})
    return figures(net, samples, output)


def _plain(graph: Graph, name: str, scheme: Scheme) -> Array:
    return stored_values(graph.all_constants[name].value, scheme, axes=channel_axes(graph, name) or ())
