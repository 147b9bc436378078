"""Conv2DBackpropInput(sizes, w, x), dilated  ->  Conv2DBackpropInput(sizes, w with zeros between, x)

The sizes may be values of the run, as Keras computes them.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue
from tfjsci.rewrite.build import Tensor, make, spread
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """The same op with a larger kernel, which a constant one becomes at conversion."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    if not window.dilated:
        return Declined(reason="it isn't dilated")
    sizes, kernel, x = node.inputs
    for axis, dilation in enumerate(window.dilations):
        kernel = spread(kernel, axis, dilation)
    attrs: dict[str, AttrValue] = {**kept(node.node), "dilations": (1, 1, 1, 1)}
    return make(node.op, [sizes, kernel, x], dtype=x.dtype, shape=node.output_shape(), **attrs)


LOWERING = Lowering(
    name="transposed_conv",
    ops=("Conv2DBackpropInput",),
    equation="Conv2DBackpropInput(n, w, x, dilation d) → Conv2DBackpropInput(n, w with zeros between, x)",
    lower=lower,
)
