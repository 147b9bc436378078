"""SpaceToDepth(x)  ->  Reshape(Transpose(Reshape(x)))

by way of [n, h, b, w, b, c] and [n, h, w, b, b, c]; DepthToSpace the other way round, which the runtime has for float32 only.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, dims, floor_div, reshape, transpose
from tfjsci.rewrite.formulas.windows import channels_first
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Two Reshapes and a Transpose of 6 dimensions."""
    if channels_first(node):
        return Declined(reason="its channels come first")
    (x,) = node.inputs
    block = node.number("block_size", 2)
    batch, height, width, channels = dims(x)
    if node.op == "DepthToSpace":
        inner = _part(channels, block * block)
        apart = transpose(reshape(x, [batch, height, width, block, block, inner]), (0, 1, 3, 2, 4, 5))
        return reshape(apart, [batch, height * block, width * block, inner])
    rows, columns = _part(height, block), _part(width, block)
    apart = transpose(reshape(x, [batch, rows, block, columns, block, channels]), (0, 1, 3, 2, 4, 5))
    return reshape(apart, [batch, rows, columns, channels * (block * block)])


def _part(size: Dim, count: int) -> Dim:
    return size // count if isinstance(size, int) else floor_div(size, count)


LOWERING = Lowering(
    name="space_to_depth",
    ops=("SpaceToDepth", "DepthToSpace"),
    equation="SpaceToDepth(x) → Reshape(Transpose(Reshape(x)))",
    lower=lower,
)
