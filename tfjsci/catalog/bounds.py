"""Between which numbers a tensor surely lies, as far as the ops before it tell: whether a cast to a narrow dtype can wrap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import Array, Graph, Node, TensorType, node_of

_DEPTH = 8
"""Ops looked back through: what bounds a cast stands close before it."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """``low`` ≤ every value ≤ ``high``, NaN apart; infinite where nothing is known."""

    low: float = -math.inf
    high: float = math.inf

    def within(self, other: Bounds) -> bool:
        """Whether all of it lies inside the other."""
        return other.low <= self.low and self.high <= other.high

    def cut(self) -> Bounds:
        """What numbers in it become when their fractions are cut off."""
        return Bounds(low=_cut(self.low), high=_cut(self.high))


UNKNOWN = Bounds()

_BY_TYPE = frozenset({"Cumsum", "FloorMod", "Sum"})
"""Ops of whose input more must be known than where it lies."""


def range_of(dtype: str) -> Bounds:
    """The least and the largest value of an integer dtype or bool; of any other dtype nothing is known."""
    if dtype == "bool":
        return Bounds(low=0, high=1)
    if dtype.startswith(("int", "uint")):
        info = np.iinfo(dtype)
        return Bounds(low=int(info.min), high=int(info.max))
    return UNKNOWN


def bounds_of(graph: Graph, tensor: str, depth: int = _DEPTH) -> Bounds:
    """What is certain of a tensor's values."""
    constant = graph.constant(tensor)
    if constant is not None:
        return _of_value(constant.value)
    known = graph.type_of(tensor)
    own = range_of(known.dtype) if known is not None else UNKNOWN
    node = graph.by_name.get(node_of(tensor))
    if node is None or (known is not None and known.dtype == "bool"):
        return own
    made = result_of(graph, node, depth)
    return made if made.within(own) else own  # what went beyond its dtype has wrapped, to anywhere in it


def result_of(graph: Graph, node: Node, depth: int = _DEPTH) -> Bounds:
    """Where a node's result lies, were its dtype wide enough."""
    rule = _RULES.get(node.op)
    if depth == 0 or (rule is None and node.op not in _BY_TYPE):
        return UNKNOWN
    inputs = [bounds_of(graph, each, depth - 1) for each in node.inputs]
    if rule is not None:
        return rule(inputs)
    known = graph.type_of(node.inputs[0])
    if node.op == "FloorMod":
        whole = known is not None and known.dtype.startswith(("int", "uint"))
        return Bounds(low=0, high=inputs[1].high - whole) if inputs[1].low > 0 else UNKNOWN
    every = Bounds(low=0, high=_count(known))  # of some of the elements, at most all
    return _product([inputs[0], every])


def _count(known: TensorType | None) -> float:
    sizes = None if known is None else known.shape
    return math.inf if sizes is None or None in sizes else math.prod(n for n in sizes if n is not None)


def _of_value(value: Array) -> Bounds:
    if value.size == 0 or value.dtype.kind not in "biuf" or (value != value).any():
        return UNKNOWN
    return Bounds(low=float(value.min()), high=float(value.max()))


def _cut(x: float) -> float:
    return math.trunc(x) if math.isfinite(x) else x


def _rounded(b: Sequence[Bounds]) -> Bounds:
    """To a whole number, whichever way."""
    low, high = b[0].low, b[0].high
    return Bounds(
        low=math.floor(low) if math.isfinite(low) else low, high=math.ceil(high) if math.isfinite(high) else high
    )


def _hull(parts: Sequence[Bounds]) -> Bounds:
    return Bounds(low=min(b.low for b in parts), high=max(b.high for b in parts))


def _product(b: Sequence[Bounds]) -> Bounds:
    ends = [0.0 if x == 0 or y == 0 else x * y for x in (b[0].low, b[0].high) for y in (b[1].low, b[1].high)]
    return Bounds(low=min(ends), high=max(ends))


def _size(b: Sequence[Bounds]) -> Bounds:
    return Bounds(low=0, high=max(abs(b[0].low), abs(b[0].high)))


_RULES: dict[str, Callable[[Sequence[Bounds]], Bounds]] = {
    **dict.fromkeys(
        ("Identity", "Reshape", "Transpose", "Squeeze", "ExpandDims", "Slice", "StridedSlice", "Tile", "BroadcastTo",
         "GatherV2", "GatherNd", "ReverseV2"),
        lambda b: b[0],
    ),
    **dict.fromkeys(("Floor", "Ceil", "Round", "Rint"), _rounded),
    **dict.fromkeys(("Shape", "Size", "ArgMax", "ArgMin"), lambda _: Bounds(low=0)),
    **dict.fromkeys(("Sigmoid", "Softmax"), lambda _: Bounds(low=0, high=1)),
    **dict.fromkeys(("Select", "SelectV2"), lambda b: _hull(b[1:])),
    **dict.fromkeys(("Pack", "ConcatV2"), _hull),
    "Cast": lambda b: _hull([b[0], b[0].cut()]),
    "AddV2": lambda b: Bounds(low=b[0].low + b[1].low, high=b[0].high + b[1].high),
    "Sub": lambda b: Bounds(low=b[0].low - b[1].high, high=b[0].high - b[1].low),
    "AddN": lambda b: Bounds(low=sum(each.low for each in b), high=sum(each.high for each in b)),
    "Mul": _product,
    "Square": lambda b: _product([b[0], b[0]]),
    "Neg": lambda b: Bounds(low=-b[0].high, high=-b[0].low),
    "Abs": _size,
    "FloorDiv": lambda b: _hull([b[0], Bounds(low=0, high=0)]) if b[1].low >= 1 else UNKNOWN,
    "Maximum": lambda b: Bounds(low=max(b[0].low, b[1].low), high=max(b[0].high, b[1].high)),
    "Minimum": lambda b: Bounds(low=min(b[0].low, b[1].low), high=min(b[0].high, b[1].high)),
    "ClipByValue": lambda b: _hull(b[1:]),
    "Relu": lambda b: Bounds(low=max(b[0].low, 0), high=max(b[0].high, 0)),
    "Relu6": lambda _: Bounds(low=0, high=6),
}  # fmt: skip
