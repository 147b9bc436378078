"""FloorMod(x, y) of sizes  ->  x - y · ⌊x / y⌋, and others that a shape is made of

webgpu computes small integers on the CPU with some kernels, on the GPU with others, and can't read back what a shape, an axis or
a count is made of there. What is made on the CPU is exact:

AddN, Square, SquaredDifference   AddV2, Mul, Sub
Min(x)                            -Max(-x)
SelectV2(c, x, y)                 y + Cast(c) · (x - y), which wraps as integers do
LogicalAnd, -Or, -Not             Cast(a) · Cast(b) ≠ 0, Cast(a) + Cast(b) ≠ 0, Cast(a) = 0
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable

from tfjsci.catalog.read_back import made_to_be_read
from tfjsci.rewrite.build import Tensor, cast, equal, floor_div, not_equal, reduce
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_WHOLE = frozenset({"int32", "int64"})


def lower(node: Subject) -> Tensor | Declined:
    """A few ops that webgpu computes on the CPU."""
    if node.node.name not in made_to_be_read(node.graph, node.catalog):
        return Declined(reason="no shape, axis or count is made of it")
    made = node.output()
    if made is None or made.dtype not in (_WHOLE | {"bool"} if node.op.startswith("Logical") else _WHOLE):
        return Declined(reason="it isn't of integers")
    if node.op == "Min":
        return _least(node)
    if node.op == "Select" and node.inputs[0].rank not in (0, node.inputs[1].rank):
        return Declined(reason="its condition is spread from the front")
    return _OF_INPUTS[node.op](*node.inputs)


def _least(node: Subject) -> Tensor | Declined:
    x = node.inputs[0]
    axes = whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axes aren't constant")
    return -reduce("Max", -x, axes, keep=node.flag("keep_dims", False))


def _square(x: Tensor) -> Tensor:
    return x * x


def _chosen(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return y + cast(condition, y.dtype) * (x - y)


def _number(x: Tensor) -> Tensor:
    return cast(x, "int32")


_OF_INPUTS: dict[str, Callable[..., Tensor]] = {
    "AddN": lambda *terms: functools.reduce(operator.add, terms),
    "FloorMod": lambda x, y: x - y * floor_div(x, y),
    "LogicalAnd": lambda x, y: not_equal(_number(x) * _number(y), 0),
    "LogicalNot": lambda x: equal(_number(x), 0),
    "LogicalOr": lambda x, y: not_equal(_number(x) + _number(y), 0),
    "Select": _chosen,
    "SelectV2": _chosen,
    "Square": _square,
    "SquaredDifference": lambda x, y: _square(x - y),
}

LOWERING = Lowering(
    name="sizes_on_cpu",
    ops=tuple(sorted([*_OF_INPUTS, "Min"])),
    equation="FloorMod(x, y) of sizes → x − y · ⌊x / y⌋; Min, SelectV2, LogicalAnd and others likewise",
    lower=lower,
    limits="Integers and bools that a shape, an axis or a count is made of, for webgpu",
)
