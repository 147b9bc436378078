"""Cumsum(Fill(sizes, c), axis)  ->  c · Range along that axis, spread to the sizes

Keras compares two of these to make a causal mask.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType, node_of
from tfjsci.rewrite.build import Dim, Tensor, arange, cast, const, make, reshape, slice_of, squeeze, tensor_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Range, Reshape and BroadcastTo."""
    x, axis = node.inputs[0], node.number_in(1)
    maker = node.graph.by_name.get(node_of(node.node.inputs[0]))
    filling = None if maker is None or maker.op != "Fill" else node.graph.constant(maker.inputs[1])
    if maker is None or filling is None:
        return Declined(reason="it isn't of one number")
    if axis is None:
        return Declined(reason="the axis isn't constant")
    at = axis % x.rank
    sizes = cast(tensor_of(node.graph, maker.inputs[0]), "int32")
    n = _size(node, x, sizes, at)
    counted = arange(n)
    if node.flag("reverse", False):
        counted = n - 1 - counted
    if not node.flag("exclusive", False):
        counted = counted + 1
    line = reshape(cast(counted, x.dtype), [-1 if i == at else 1 for i in range(x.rank)])
    if filling.value != 1:
        line = line * const(filling.value)
    return make("BroadcastTo", [line, sizes], dtype=x.dtype, shape=x.shape, T=DType(x.dtype), Tidx=DType("int32"))


def _size(node: Subject, x: Tensor, sizes: Tensor, axis: int) -> Dim:
    known = x.sizes[axis]
    if known is not None:
        return known
    maker = node.graph.by_name.get(node_of(sizes.source)) if isinstance(sizes.source, str) else None
    if maker is not None and maker.op == "Pack":
        return cast(tensor_of(node.graph, maker.inputs[axis]), "int32")
    return squeeze(slice_of(sizes, [axis], [1]), 0)


LOWERING = Lowering(
    name="cumsum_of_ones",
    ops=("Cumsum",),
    equation="Cumsum(Fill(sizes, c), axis) → BroadcastTo(c · Range, sizes)",
    lower=lower,
)
