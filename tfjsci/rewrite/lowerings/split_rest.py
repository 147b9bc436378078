"""SplitV(x, [-1, n], axis)  ->  SplitV(x, [size - n, n], axis)

The runtime reckons what is left of a -1, but not of one that comes first: that one it adds to the sum of the others.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Dim, make_many, size, vector
from tfjsci.rewrite.lowering import Lowering, Outputs, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Outputs | Declined:
    """The same op with every size told."""
    x, given, axis = node.inputs
    if given.value is None:
        return Declined(reason="the sizes aren't constant")
    place = node.number_in(2)
    if place is None:
        return Declined(reason="the axis isn't constant")
    sizes = [int(n) for n in given.value.reshape(-1)]
    if sizes[:1] != [-1]:
        return Declined(reason="the first size is told")
    told: list[Dim] = [size(x, place) - sum(sizes[1:]), *sizes[1:]]
    types = []
    for i in range(len(sizes)):
        known = node.output(i)
        types.append((x.dtype, None if known is None else known.shape))
    attrs = {**kept(node.node, without=("_output_shapes",)), "Tlen": DType("int32")}
    return make_many("SplitV", [x, vector(told), axis], types, **attrs)


LOWERING = Lowering(
    name="split_rest",
    ops=("SplitV",),
    equation="SplitV(x, [−1, n]) → SplitV(x, [size − n, n])",
    lower=lower,
)
