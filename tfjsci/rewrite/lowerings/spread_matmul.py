"""BatchMatMulV2(x [a, 1, r, k], y [a, b, k, c])  ->  the same over a alone, with b among the rows or columns

The runtime counts the matrices of the operand that has fewer through again and again, which is right where the dimensions
that it lacks come first. Here they don't; or the product is of a long vector, where webgl can't have fewer on one side.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.rewrite.build import Tensor, squeeze
from tfjsci.rewrite.formulas.contract import multiplied
from tfjsci.rewrite.formulas.labelled import Axis, Labelled
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """As an Einsum: a dimension that is 1 in one operand is no dimension of it."""
    x, y = node.inputs
    if x.integer and "wasm" in node.backends:
        return Declined(reason="integers are cast first")
    batch = max(x.rank, y.rank) - 2
    names = [f"b{i}" for i in range(batch)]
    x_labels = [*names[batch - (x.rank - 2) :], *("kr" if node.flag("adj_x", False) else "rk")]
    y_labels = [*names[batch - (y.rank - 2) :], *("ck" if node.flag("adj_y", False) else "kc")]
    sizes = [dict(zip(labels, t.sizes, strict=True)) for labels, t in ((x_labels, x), (y_labels, y))]
    apart = [name for name in names if len({size.get(name, 1) == 1 for size in sizes}) == 2]
    operands = [_without(t, labels, apart) for t, labels in ((x, x_labels), (y, y_labels))]
    return multiplied(*operands, out=[*names, "r", "c"], stack=False)


def _without(x: Tensor, labels: Sequence[str], apart: Sequence[str]) -> Labelled:
    gone = [i for i, label in enumerate(labels) if label in apart and x.sizes[i] == 1]
    axes = [Axis(label=label, size=x.sizes[i], sources=((x, i),)) for i, label in enumerate(labels) if i not in gone]
    return Labelled(tensor=squeeze(x, *gone) if gone else x, axes=tuple(axes), constant=x.value is not None)


LOWERING = Lowering(
    name="spread_matmul",
    ops=("BatchMatMulV2",),
    equation="BatchMatMulV2(x [a, 1, r, k], y [a, b, k, c]) → a product over a alone, b among rows or columns",
    lower=lower,
)
