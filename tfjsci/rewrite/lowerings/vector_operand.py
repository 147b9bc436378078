"""op(x, v)  ->  op(x, reshape(v, [1, n])) for a vector v beside 5 or more dimensions, which webgpu combines wrongly

BiasAdd becomes AddV2, whose operands may have any rank.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions.axes import BINARY
from tfjsci.rewrite.build import Tensor, make, reshape
from tfjsci.rewrite.formulas.windows import channels_first
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """A Reshape, which is done at conversion where the vector is constant."""
    x, y = node.inputs
    if min(x.rank, y.rank) != 1:
        return Declined(reason="neither operand is a vector")
    if max(x.rank, y.rank) <= 4:
        return Declined(reason="a vector beside 4 dimensions is right")
    if channels_first(node):
        return Declined(reason="its channels come first")
    x, y = (reshape(t, [1, -1]) if t.rank == 1 else t for t in (x, y))
    if node.op == "BiasAdd":
        return x + y
    known = node.output()
    assert known is not None
    return make(node.op, [x, y], dtype=known.dtype, shape=known.shape, **kept(node.node))


LOWERING = Lowering(
    name="vector_operand",
    ops=tuple(sorted(BINARY - {"Prelu"})),
    equation="op(x, v) → op(x, Reshape(v, [1, n]))",
    lower=lower,
)
