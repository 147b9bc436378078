"""Fill(sizes, value)  ->  Reshape(Fill([their product], value), sizes)

above six dimensions, which is all that the GPU backends fill.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, make, reduce, reshape, reshape_to
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6


def lower(node: Subject) -> Tensor | Declined:
    """Fill of a vector, and a Reshape."""
    sizes, value = node.inputs
    if sizes.sizes[0] is None:
        return Declined(reason="the number of dimensions isn't known")
    if sizes.sizes[0] <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    wanted = cast(sizes, "int32")
    count = reshape(reduce("Prod", wanted), [1])
    attrs = {"T": DType(value.dtype), "index_type": DType("int32")}
    flat = make("Fill", [count, value], dtype=value.dtype, shape=(None,), **attrs)
    return reshape_to(flat, wanted, node.output_shape())


LOWERING = Lowering(
    name="rank_of_fill",
    ops=("Fill",),
    equation="Fill(sizes, value) of more than 6 dimensions → Reshape(Fill([product], value), sizes)",
    lower=lower,
)
