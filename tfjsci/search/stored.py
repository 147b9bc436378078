"""A weight in a scheme: the bytes that are stored, and the values that come of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.artifact.initializer import Packing
from tfjsci.artifact.packed import pack_weights
from tfjsci.format.encoding import encode
from tfjsci.graph.graph import Array, Graph
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import quantize_weight, stored_values
from tfjsci.quantize.scheme import Scheme

LADDER = (203, 161, 128, 102, 81, 64, 51, 40, 32, 25, 20, 16, 13, 10, 8, 6, 5, 4)
"""Levels below 256, a third of a bit apart. Ends of the range are the weight's own there: where codes are as long as they
are rare, a shorter range that cuts values off costs more than it gains."""

PLAIN = (Scheme(name="float16"), Scheme(name="uint16"), Scheme(name="uint8"))
PACKED = (Scheme(name="uint8-per-channel"), Scheme(name="int6"), Scheme(name="int4"), Scheme(name="int4", group=32))


def schemes_for(graph: Graph, names: Sequence[str], *, allow_initializer: bool) -> tuple[Scheme, ...]:
    """What may be tried for weights that share a scheme: packed ones where they are allowed and can be undone."""
    plain = (*PLAIN, *(Scheme(name="uint8", levels=n, ranges="min-max") for n in LADDER))
    if not allow_initializer or any(map(Packing(graph).why_not, names)):
        return plain
    per_channel = tuple(Scheme(name="uint8-per-channel", levels=n, ranges="min-max") for n in LADDER)
    return (*plain, *PACKED, *per_channel)


class Stored:
    """The weights of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __call__(self, name: str, scheme: Scheme | None) -> tuple[bytes, Array]:
        """What is downloaded (of a packed weight its scales, too), and what the browser makes of it, float32; None: as it is."""
        value = self._value(name)
        if scheme is None or scheme.name == "float16":
            data = bytes(encode(value, None if scheme is None else "float16").data)
            return data, self.values(name, scheme)
        weight = quantize_weight(value, scheme, axes=self._axes(name))
        if scheme.needs_initializer:
            parts = pack_weights({name: weight}, taken=()).stored.values()
            return b"".join(bytes(each.data) for each in parts), weight.values()
        return weight.codes.astype(weight.codes.dtype.newbyteorder("<")).tobytes(), weight.values()

    def values(self, name: str, scheme: Scheme | None) -> Array:
        """The values alone."""
        value = self._value(name)
        return value if scheme is None else stored_values(value, scheme, axes=self._axes(name))

    def _value(self, name: str) -> Array:
        return np.asarray(self._graph.all_constants[name].value, dtype=np.float32)

    def _axes(self, name: str) -> tuple[int, ...]:
        return channel_axes(self._graph, name) or ()
