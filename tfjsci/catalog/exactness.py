"""Numbers that a backend can't hold as they are: named, so that none is rounded in silence.

webgl keeps whole numbers in float textures: exact to ±2²⁴, and to ±2¹¹ where its textures have 16 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Array, Graph
from tfjsci.graph.tables import tables_in

WEBGL_INTEGERS = 1 << 24
"""Up to this every whole number is a float32."""

SLICES = frozenset({"StridedSlice", "Slice"})
"""Ops of which an index beyond int32 means "to the end": all inputs but the first, which is the data."""

_MOST_TOLD = 5


def inexact(graph: Graph, backends: Sequence[Backend]) -> tuple[str, ...]:
    """What of the graph's constants one of ``backends`` rounds, a sentence each; tables among them."""
    if "webgl" not in backends:
        return ()
    found = dict(_beyond(graph))
    told = [
        f"{what} holds {number}: webgl keeps whole numbers in floats, exact to ±{WEBGL_INTEGERS} (±2048 where its textures have "
        "16 bits)"
        for what, number in list(found.items())[:_MOST_TOLD]
    ]
    return (*told, *([f"and {len(found) - _MOST_TOLD} weights like these"] if len(found) > _MOST_TOLD else []))


def _beyond(graph: Graph) -> Iterator[tuple[str, int]]:
    for _, part in graph.walk():
        tables = {tensor: node.name for node in tables_in(part) for tensor in node.inputs}
        for name, constant in part.constants.items():
            number = farthest(constant.value)
            if number is not None and abs(number) > WEBGL_INTEGERS and not only_slices_by(part, name):
                yield (f"the look-up table {tables[name]}" if name in tables else f"the weight {name}"), number


def farthest(value: Array) -> int | None:
    """The whole number farthest from 0; None where there are no whole numbers."""
    if value.dtype.kind not in "iu" or not value.size:
        return None
    return max(int(value.max()), int(value.min()), key=abs)


def only_slices_by(graph: Graph, name: str) -> bool:
    """Whether a Const says only where slices begin and end."""
    readers = graph.readers.get(name, ())
    as_index = all(reader.op in SLICES and reader.inputs[0] != name for reader in readers)
    return bool(readers) and as_index and name not in graph.outputs


def beyond_float32(graph: Graph) -> tuple[str, ...]:
    """The weights of a graph as it was loaded that have numbers which float32 has not, a sentence each."""
    largest = float(np.finfo(np.float32).max)
    told = []
    for name, constant in graph.all_constants.items():
        value = constant.value
        if value.dtype.kind in "fc" and value.dtype.itemsize > (4 if value.dtype.kind == "f" else 8):
            size = np.abs(value[np.isfinite(value)])
            if size.size and float(size.max()) > largest:
                what = constant.sources[0] if constant.sources else name
                told.append(f"the weight {what} holds {float(size.max()):.3g}, which is infinite as float32")
    return tuple(told[:_MOST_TOLD])
