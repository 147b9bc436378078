"""Conv2D(x, w) in g groups  ->  concat of Conv2D(x_i, w_i) over the groups' channels;   Conv3D alike

Groups of one channel each are a depthwise convolution, of images: its kernel [height, width, channels, multiplier] holds the
numbers of [height, width, 1, channels · multiplier] in the same order.
"""

from __future__ import annotations

from tfjsci.graph.graph import Shape
from tfjsci.rewrite.build import Tensor, concat, convolve, make, reshape, split
from tfjsci.rewrite.formulas.windows import Window, window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """One DepthwiseConv2dNative; or two Splits, a convolution for each group, and a Concat."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    x, kernel = node.inputs
    channels = x.sizes[-1]
    *taps, inner, outer = kernel.static_sizes
    if channels is None:
        return Declined(reason="the number of channels isn't known")
    groups = channels // inner
    if groups == 1:
        return Declined(reason="its channels are in one group already")
    if inner == 1 and node.op == "Conv2D":
        deep = reshape(kernel, [*taps, channels, outer // channels])
        return _of_image(x, deep, window, shape=node.output_shape(), depthwise=True)
    part = None if (shape := node.output_shape()) is None else (*shape[:-1], outer // groups)
    pairs = zip(split(x, groups, -1), split(kernel, groups, -1), strict=True)
    return concat([_convolved(node, a, w, window, shape=part) for a, w in pairs], -1)


def _convolved(node: Subject, x: Tensor, kernel: Tensor, window: Window, *, shape: Shape) -> Tensor:
    if node.op == "Conv3D":
        return make("Conv3D", [x, kernel], dtype=x.dtype, shape=shape, **kept(node.node, without=("_output_shapes",)))
    return _of_image(x, kernel, window, shape=shape)


def _of_image(x: Tensor, kernel: Tensor, window: Window, *, shape: Shape, depthwise: bool = False) -> Tensor:
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


LOWERING = Lowering(
    name="grouped_conv",
    ops=("Conv2D", "Conv3D"),
    equation="Conv2D(x, w) in groups → DepthwiseConv2dNative(x, w), or Concat(Conv2D(xᵢ, wᵢ)); Conv3D likewise",
    lower=lower,
)
