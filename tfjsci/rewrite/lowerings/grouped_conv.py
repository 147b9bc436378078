"""Conv2D(x, w) in g groups  ->  concat of Conv2D(x_i, w_i) over the groups' channels

Groups of one channel each are a depthwise convolution: its kernel [height, width, channels, multiplier] holds the numbers of
[height, width, 1, channels · multiplier] in the same order.
"""

from __future__ import annotations

from tfjsci.graph.graph import Shape
from tfjsci.rewrite.build import Tensor, concat, convolve, reshape, split
from tfjsci.rewrite.formulas.windows import Window, window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """One DepthwiseConv2dNative; or two Splits, a Conv2D for each group, and a Concat."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    x, kernel = node.inputs
    channels, inner = x.sizes[-1], kernel.static_sizes[2]
    if channels is None:
        return Declined(reason="the number of channels isn't known")
    groups = channels // inner
    if groups == 1:
        return Declined(reason="its channels are in one group already")
    if inner == 1:
        height, width, _, outer = kernel.static_sizes
        deep = reshape(kernel, [height, width, channels, outer // channels])
        return _convolved(x, deep, window, shape=_shape(node), depthwise=True)
    part = None if (shape := _shape(node)) is None else (*shape[:-1], kernel.static_sizes[3] // groups)
    pairs = zip(split(x, groups, -1), split(kernel, groups, -1), strict=True)
    return concat([_convolved(a, w, window, shape=part) for a, w in pairs], -1)


def _convolved(x: Tensor, kernel: Tensor, window: Window, *, shape: Shape, depthwise: bool = False) -> Tensor:
    return convolve(
        x,
        kernel,
        strides=window.strides,
        padding=window.padding,
        dilations=window.dilations,
        explicit=window.explicit if window.padding == "EXPLICIT" else (),
        depthwise=depthwise,
        shape=shape,
    )


def _shape(node: Subject) -> Shape:
    known = node.output()
    return known.shape if known is not None else None


LOWERING = Lowering(
    name="grouped_conv",
    ops=("Conv2D",),
    equation="Conv2D(x, w) in groups → DepthwiseConv2dNative(x, w), or Concat(Conv2D(xᵢ, wᵢ))",
    lower=lower,
)
