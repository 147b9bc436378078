"""Weights as a quantisation stores them: what the initializer makes of packed codes, and what the runtime undoes as it loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from tfjsci.artifact.initializer import why_not_packed
from tfjsci.artifact.quantize import Quantizations, scheme_of
from tfjsci.format.encoding import Encoded, clipped_to_float16, encode, encode_codes, encode_float16
from tfjsci.graph.graph import Constant, Graph
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import BITS, Scheme
from tfjsci.quantize.weight import QuantizedWeight

PACKED_NOTE = (
    "its packed weights are unpacked in the page before the first inference, which takes longer: load it with the module that "
    "`tfjsci loader` prints, or else call it once outside tf.tidy, and spare memory for packed and unpacked weights "
    "(docs/quantising.md)"
)
"""What such a scheme costs, for whoever writes the page."""


def packed_weights(
    graph: Graph, quantization: Quantizations, prepared: Mapping[str, QuantizedWeight]
) -> dict[str, QuantizedWeight]:
    """The weights that an initializer graph makes, as their nodes stand in the graph; those ``prepared`` as they are."""
    found: dict[str, QuantizedWeight] = {}
    for name, constant in graph.all_constants.items():
        scheme = prepared[name].scheme if name in prepared else scheme_of(name, constant, quantization)
        if scheme is None or not scheme.needs_initializer or why_not_packed(graph, name) is not None:
            continue
        found[name] = prepared.get(name) or quantize_weight(
            constant.value, scheme, axes=channel_axes(graph, name) or ()
        )
    return found


def encoded(
    name: str, constant: Constant, quantization: Quantizations, prepared: Mapping[str, QuantizedWeight] | None = None
) -> Encoded:
    """A weight as it is stored beside those that are packed; ``scheme_of`` tells which are quantised."""
    ready = (prepared or {}).get(name)
    scheme = ready.scheme if ready else scheme_of(name, constant, quantization)
    if scheme is None:
        return encode(constant.value)
    if scheme.name == "float16":
        return encode_float16(constant.value if scheme.exact_upstream else clipped_to_float16(constant.value))
    weight = (
        ready if ready and not scheme.needs_initializer else quantize_weight(constant.value, unpacked(scheme), axes=())
    )
    return encode_codes(
        weight.codes, scale=float(weight.scale.item()), minimum=float(weight.offset.item()), shape=weight.shape
    )


def unpacked(scheme: Scheme) -> Scheme:
    """The scheme per tensor that stands in where the initializer can't make the weight: of no fewer bits."""
    if not scheme.needs_initializer:
        return scheme
    wide = scheme.name in BITS and BITS[scheme.name] > 8
    return replace(scheme, name="uint16" if wide else "uint8", group=None)


def packing_notes(graph: Graph, quantization: Quantizations) -> tuple[str, ...]:
    """What packed weights ask of the page; and which aren't stored as asked, since no initializer can make them, and why."""
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    packed = False
    for name, constant in graph.all_constants.items():
        scheme = scheme_of(name, constant, quantization)
        if scheme is None or not scheme.needs_initializer:
            continue
        if why := why_not_packed(graph, name):
            names[f"{unpacked(scheme).name} per tensor, not {scheme.name}", why].append(name)
        else:
            packed = True
    return (PACKED_NOTE,) * packed + tuple(
        f"stored as {what}: {', '.join(each[:3])}{f' and {len(each) - 3} more' if len(each) > 3 else ''} ({why})"
        for (what, why), each in names.items()
    )
