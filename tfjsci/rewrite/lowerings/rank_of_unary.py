"""f(x)  ->  Reshape(f(Reshape(x, [-1])))

for an elementwise f above six dimensions, which the GPU backends don't address. A softmax has its last dimension beside it.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions.axes import UNARY
from tfjsci.rewrite.build import Dim, Tensor, dims, reshape, reshape_to, shape_of
from tfjsci.rewrite.formulas.fewer_dimensions import again
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6
_SAME_SHAPES = frozenset({"AddN"})
_OF_ROWS = frozenset({"Softmax", "LogSoftmax"})


def lower(node: Subject) -> Tensor | Declined:
    """Two Reshapes, which cost nothing at run time."""
    x = node.inputs[0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    flat: list[Dim] = [-1, dims(x)[-1]] if node.op in _OF_ROWS else [-1]
    count = len(node.inputs) if node.op in _SAME_SHAPES else 1
    inputs = [reshape(each, flat) if i < count else each for i, each in enumerate(node.inputs)]
    return in_shape_of(again(node, inputs), x)


def in_shape_of(y: Tensor, x: Tensor) -> Tensor:
    """``y`` in the shape of ``x``."""
    if x.sizes.count(None) > 1:
        return reshape_to(y, shape_of(x), x.shape)
    return reshape(y, dims(x))


LOWERING = Lowering(
    name="rank_of_unary",
    ops=tuple(sorted((UNARY - {"ClipByValue"}) | {"OnesLike", "ZerosLike"} | _SAME_SHAPES | _OF_ROWS)),
    equation="f(x) of more than 6 dimensions → Reshape(f(Reshape(x, [−1])))",
    lower=lower,
)
