"""Conv2D(x, w) of whole numbers  ->  Cast(Conv2D(Cast(x), Cast(w)))"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, make
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """The same op on floats."""
    x, kernel = node.inputs
    if not x.integer:
        return Declined(reason="it is of floats")
    attrs = {**kept(node.node), "T": DType("float32")}
    inputs = [cast(x, "float32"), cast(kernel, "float32")]
    made = make(node.op, inputs, dtype="float32", shape=node.output_shape(), **attrs)
    return cast(made, x.dtype)


LOWERING = Lowering(
    name="conv_of_integers",
    ops=("Conv2D",),
    equation="Conv2D(x, w) → Cast(Conv2D(Cast(x), Cast(w)))",
    lower=lower,
    accuracy="sums beyond 2^24 are rounded",
)
