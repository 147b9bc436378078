"""Conv3D(x, w, SAME)  ->  Conv3D(Slice(x), w, SAME): what no place of the kernel meets is cut off

Where a stride is larger than the kernel SAME may take away from the volume: half at the front, half at the end. Of an odd
number of values TensorFlow takes the smaller half from the front, the runtime the larger one.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, make, slice_of
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """A Slice before the same op."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    x, kernel = node.inputs
    if window.padding != "SAME":
        return Declined(reason="it doesn't pad")
    if window.strided and window.dilated:
        return Declined(reason="it is strided and dilated, too")
    taps = kernel.static_sizes[:3]
    sizes = x.sizes[1:4]
    read = window.read(sizes, taps)
    counts = [count for _, count in read]
    if tuple(counts) == sizes:
        return Declined(reason="the kernel meets every value")
    cut = slice_of(x, [0, *(begin for begin, _ in read), 0], [-1, *counts, -1])
    return make("Conv3D", [cut, kernel], dtype=x.dtype, shape=node.output_shape(), **kept(node.node))


LOWERING = Lowering(
    name="conv3d_same_padding",
    ops=("Conv3D",),
    equation="Conv3D(x, w, SAME) → Conv3D(Slice(x), w, SAME)",
    lower=lower,
)
