"""ScatterNd(at, x) of bools  ->  NotEqual(ScatterNd(at, Cast(x)), 0), and SparseToDense

webgpu adds bools up as floats.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, make, not_equal
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """The op on integers, and a comparison."""
    made = node.output()
    if made is None or made.dtype != "bool":
        return Declined(reason="it is for bools")
    inputs = [cast(each, "int32") if each.dtype == "bool" else each for each in node.inputs]
    whole = make(node.op, inputs, dtype="int32", shape=made.shape, **{**kept(node.node), "T": DType("int32")})
    return not_equal(whole, 0)


LOWERING = Lowering(
    name="scatter_bools",
    ops=("ScatterNd", "SparseToDense"),
    equation="ScatterNd(at, x) of bools → NotEqual(ScatterNd(at, Cast(x)), 0)",
    lower=lower,
)
