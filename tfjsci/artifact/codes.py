"""Weights as a quantisation stores them: what the initializer makes of packed codes, and what the runtime undoes as it loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tfjsci.artifact.initializer import Packing
from tfjsci.artifact.quantize import Quantizations, scheme_of
from tfjsci.artifact.small_weights import settled
from tfjsci.format.encoding import Encoded, clipped_to_float16, encode, encode_codes, encode_float16
from tfjsci.graph.graph import Constant, Graph
from tfjsci.listed import listed
from tfjsci.quantize.channels import Axes, channel_axes
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import BITS, Scheme
from tfjsci.quantize.weight import Float16Weight, PreparedWeight, QuantizedWeight

PACKED_NOTE = (
    "packed weights are unpacked in the page before the first inference, which takes longer: load the model with the module that "
    "tfjsci loader prints, or else call it once outside tf.tidy, and spare memory for packed and unpacked weights "
    "(docs/quantising.md)"
)
"""What such a scheme costs, for whoever writes the page."""


@dataclass(frozen=True, kw_only=True)
class StoredAs:
    """What a weight becomes: the scheme that is ``wanted``, or another of no fewer bits where there is a reason ``why_not``."""

    wanted: Scheme
    why_not: str | None = None

    @property
    def scheme(self) -> Scheme:
        """The one that it really gets."""
        return self.wanted if self.why_not is None else unpacked(self.wanted)


def stored_as(
    graph: Graph, quantization: Quantizations, prepared: Mapping[str, PreparedWeight] | None = None
) -> dict[str, StoredAs]:
    """What each weight that is quantised becomes, in the order of the graph; the schemes of those ``prepared`` are settled."""
    packing, quantization = Packing(graph), settled(graph.all_constants.items(), quantization)
    found: dict[str, StoredAs] = {}
    for name, constant in graph.all_constants.items():
        scheme = ready_scheme(name, constant, quantization, prepared)
        if scheme is not None:
            found[name] = StoredAs(wanted=scheme, why_not=packing.why_not(name) if scheme.needs_initializer else None)
    return found


def ready_scheme(
    name: str, constant: Constant, quantization: Quantizations, prepared: Mapping[str, PreparedWeight] | None
) -> Scheme | None:
    """The scheme of what is ``prepared``, or else that of a ``settled`` quantisation; None: it is stored as it is."""
    ready = (prepared or {}).get(name)
    return ready.scheme if ready else scheme_of(name, constant, quantization)


def packed_weights(
    graph: Graph, quantization: Quantizations, prepared: Mapping[str, PreparedWeight]
) -> dict[str, QuantizedWeight]:
    """The weights that an initializer graph makes, as their nodes stand in the graph; those ``prepared`` as they are."""
    found: dict[str, QuantizedWeight] = {}
    for name, each in stored_as(graph, quantization, prepared).items():
        if each.scheme.needs_initializer:
            ready = prepared.get(name)
            if not isinstance(ready, QuantizedWeight):
                axes = channel_axes(graph, name) or ()
                ready = quantize_weight(graph.all_constants[name].value, each.scheme, axes=axes)
            found[name] = ready
    return found


def encoded(
    name: str,
    constant: Constant,
    quantization: Quantizations,
    prepared: Mapping[str, PreparedWeight] | None = None,
    *,
    channels: Callable[[str], Axes | None] | None = None,
) -> Encoded:
    """A weight as it is stored beside those that are packed; ``scheme_of`` tells which are quantised, of what is ``settled``.

    ``channels`` tells by its name along which dimensions its output channels lie, whose errors are balanced; without it none
    are known.
    """
    ready = (prepared or {}).get(name)
    scheme = ready_scheme(name, constant, quantization, prepared)
    if scheme is None:
        return encode(constant.value)
    if isinstance(ready, Float16Weight):
        return encode_float16(ready.value)
    if scheme.name == "float16":
        return encode_float16(constant.value if scheme.exact_upstream else clipped_to_float16(constant.value))
    if ready and not scheme.needs_initializer:
        weight = ready
    else:
        axes = channels(name) if channels is not None else None
        weight = quantize_weight(constant.value, unpacked(scheme), axes=axes or ())
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
    for name, each in stored_as(graph, quantization).items():
        if each.why_not is not None:
            names[f"{each.scheme.name} per tensor, not {each.wanted.name}", each.why_not].append(name)
        elif each.scheme.needs_initializer:
            packed = True
    return (PACKED_NOTE,) * packed + tuple(
        f"stored as {what}: {listed(each, 3)} ({why})" for (what, why), each in names.items()
    )
