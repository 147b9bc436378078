"""Conv(x, w, SAME)  ->  Conv(x, w, EXPLICIT p), with the paddings p that SAME means

wasm gives zeros where a stride is larger than the kernel and SAME would take away from the image, in place of adding nothing.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, make
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """The same op with its paddings written out."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    x, kernel = node.inputs
    if window.padding != "SAME":
        return Declined(reason="its paddings are written out already")
    if window.strided and window.dilated:
        return Declined(reason="it is strided and dilated, too")
    sizes, taps = x.sizes[1:3], kernel.static_sizes[:2]
    if window.met(sizes, taps) == sizes:
        return Declined(reason="the kernel meets every value")
    around = window.paddings(sizes, taps)
    attrs = {**kept(node.node), "padding": b"VALID", "explicit_paddings": ()}
    if any(n for pair in around for n in pair):
        flat = (0, 0, *(n for pair in around for n in pair), 0, 0)
        attrs |= {"padding": b"EXPLICIT", "explicit_paddings": flat}
    return make(node.op, [x, kernel], dtype=x.dtype, shape=node.output_shape(), **attrs)


LOWERING = Lowering(
    name="conv_same_padding",
    ops=("Conv2D", "DepthwiseConv2dNative"),
    equation="Conv(x, w, SAME) → Conv(x, w, EXPLICIT p)",
    lower=lower,
)
