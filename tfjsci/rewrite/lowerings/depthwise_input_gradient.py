"""DepthwiseConv2dNativeBackpropInput(sizes, w, y)  ->  sums over the multiplier of DepthwiseConv2dNative(spread(y), flipped w)

A transposed depthwise convolution: zeros between y's values for the stride, the kernel backwards, and as much padding as
makes the sizes come out. With a multiplier m each input channel collects m of y's.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, UnknownShapeError, convolve, reduce, reshape, reverse, size, spread
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A DepthwiseConv2dNative of stride 1; a Pad for each dimension that has a stride, a Sum if there is a multiplier."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    image = node.output_shape()
    made = image[1:3] if image is not None else (None,)
    _, kernel, y = node.inputs
    if None in made or None in y.sizes[1:3]:
        raise UnknownShapeError("the image's size isn't known before the model runs")
    height, width, channels, multiplier = kernel.static_sizes
    around = []
    for result, given, extent, stride, (before, _) in zip(
        made,
        y.sizes[1:3],
        window.extents((height, width)),
        window.strides,
        window.paddings(made, (height, width)),
        strict=True,
    ):
        assert result is not None
        assert given is not None
        ahead = extent - 1 - before
        around.append((ahead, result + extent - 1 - ahead - ((given - 1) * stride + 1)))
    for axis, stride in enumerate(window.strides, 1):
        y = spread(y, axis, stride)
    deep = reshape(reverse(kernel, 0, 1), [height, width, channels * multiplier, 1])
    whole = convolve(
        y,
        deep,
        dilations=window.dilations,
        padding="EXPLICIT",
        explicit=around,
        depthwise=True,
        shape=(y.sizes[0], *made, channels * multiplier),
    )
    if multiplier == 1:
        return whole
    rows, columns = made
    assert rows is not None
    assert columns is not None
    apart = reshape(whole, [size(y, 0), rows, columns * channels, multiplier])
    return reshape(reduce("Sum", apart, [3]), [size(y, 0), rows, columns, channels])


LOWERING = Lowering(
    name="depthwise_input_gradient",
    ops=("DepthwiseConv2dNativeBackpropInput",),
    equation="DepthwiseConv2dNativeBackpropInput(n, w, y) → sum of DepthwiseConv2dNative(spread(y), flipped w)",
    lower=lower,
)
