"""StridedSlice(Shape(Transpose(x, p)), i)  ->  StridedSlice(Shape(x), p[i])

A transposed convolution asks for the batch's size; nothing need be transposed for that.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, node_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import order_of, passed_on
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """One size of the tensor before, by its own number."""
    graph, root, shape = match.graph, match.root, match.graph[node_of(match.tensors["shape"])]
    if shape.op != "Shape":
        return Declined(reason="it isn't a shape that is cut")
    above = graph[node_of(passed_on(graph, shape.inputs[0]))]
    order = order_of(graph, above)
    begin, step = match.value("begin").value.reshape(-1), match.value("step").value.reshape(-1)
    if order is None or len(begin) != 1 or step.tolist() != [1] or root.attrs.get("shrink_axis_mask") != 1:
        return Declined(reason="it isn't one size of a transposed tensor")
    axis = order[int(begin[0]) % len(order)]
    kind = begin.dtype
    numbers = [NewConst(name="", constant=Constant(value=np.array([n], kind))) for n in (axis, axis + 1, 1)]
    whole = NewNode(name="", op="Shape", inputs=(above.inputs[0],), attrs=kept(shape))
    attrs = {**kept(root), "begin_mask": 0, "end_mask": 0}
    return Replacement(root=NewNode(name=root.name, op=root.op, inputs=(whole, *numbers), attrs=attrs))


RULE = Rule(
    name="size_past_transpose",
    equation="StridedSlice(Shape(Transpose(x, p)), i) -> StridedSlice(Shape(x), p[i])",
    pattern=op("StridedSlice", any_tensor("shape"), constant("begin"), constant("end"), constant("step"), name="slice"),
    rewrite=rewrite,
)
