"""FloorMod(x, y) of sizes  ->  x - y · ⌊x / y⌋, and others that a shape is made of

webgpu computes small integers on the CPU with some kernels, on the GPU with others, and can't read back what a shape, an axis or
a count is made of there. What is made on the CPU is exact:

AddN, Square, SquaredDifference   AddV2, Mul, Sub
Min(x)                            -Max(-x)
SelectV2(c, x, y)                 y + Cast(c) · (x - y), which wraps as integers do
LogicalAnd, -Or, -Not             Cast(a) · Cast(b) ≠ 0, Cast(a) + Cast(b) ≠ 0, Cast(a) = 0
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.catalog.catalog import load_catalog
from tfjsci.catalog.read_back import made_to_be_read
from tfjsci.rewrite.build import Tensor, cast, equal, floor_div, not_equal, reduce, unary
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_WHOLE = frozenset({"int32", "int64"})


def lower(node: Subject) -> Tensor | Declined:
    """A few ops that webgpu computes on the CPU."""
    if node.node.name not in made_to_be_read(node.graph, load_catalog()):
        return Declined(reason="no shape, axis or count is made of it")
    made = node.output()
    if made is None or made.dtype not in (_WHOLE | {"bool"} if node.op.startswith("Logical") else _WHOLE):
        return Declined(reason="it isn't of integers")
    return _BY_OP[node.op](node)


def _sum(node: Subject) -> Tensor:
    total, *rest = node.inputs
    for each in rest:
        total = total + each
    return total


def _remainder(node: Subject) -> Tensor:
    x, y = node.inputs
    return x - y * floor_div(x, y)


def _square(node: Subject) -> Tensor:
    (x,) = node.inputs
    return x * x


def _squared_difference(node: Subject) -> Tensor:
    x, y = node.inputs
    return (x - y) * (x - y)


def _least(node: Subject) -> Tensor | Declined:
    x = node.inputs[0]
    axes = whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axes aren't constant")
    return unary("Neg", reduce("Max", unary("Neg", x), axes, keep=node.flag("keep_dims", False)))


def _chosen(node: Subject) -> Tensor | Declined:
    condition, x, y = node.inputs
    if node.op == "Select" and condition.rank not in (0, x.rank):
        return Declined(reason="its condition is spread from the front")
    return y + cast(condition, y.dtype) * (x - y)


def _both(node: Subject) -> Tensor:
    x, y = (cast(each, "int32") for each in node.inputs)
    return not_equal(x * y, 0)


def _either(node: Subject) -> Tensor:
    x, y = (cast(each, "int32") for each in node.inputs)
    return not_equal(x + y, 0)


def _neither(node: Subject) -> Tensor:
    (x,) = node.inputs
    return equal(cast(x, "int32"), 0)


_BY_OP: dict[str, Callable[[Subject], Tensor | Declined]] = {
    "AddN": _sum,
    "FloorMod": _remainder,
    "LogicalAnd": _both,
    "LogicalNot": _neither,
    "LogicalOr": _either,
    "Min": _least,
    "Select": _chosen,
    "SelectV2": _chosen,
    "Square": _square,
    "SquaredDifference": _squared_difference,
}

LOWERING = Lowering(
    name="sizes_on_cpu",
    ops=tuple(_BY_OP),
    equation="FloorMod(x, y) of sizes → x − y · ⌊x / y⌋; Min, SelectV2, LogicalAnd and others likewise",
    lower=lower,
    limits="Integers and bools that a shape, an axis or a count is made of, for webgpu",
)
