"""Conv(x, w, stride s, dilation d)  ->  Conv(every s-th of x, w, dilation d / s), Conv(x, w with zeros between, stride s), or
every s-th of Conv(x, w, dilation d)

whichever takes the fewest multiplications. Where s divides d, all that the kernel ever meets are pixels s apart, so the others
are left out first; only that, and the last, need to know how padding SAME falls.
"""

from __future__ import annotations

from math import prod

from tfjsci.graph.graph import AttrValue, Shape
from tfjsci.rewrite.build import Tensor, UnknownShapeError, every_of, make, spread
from tfjsci.rewrite.formulas.windows import Pairs, Window, window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """A Conv and a StridedSlice, or a Conv whose kernel is padded at conversion (at run time where it is computed)."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    if not (window.strided and window.dilated):
        return Declined(reason="it isn't both strided and dilated")
    kernel = node.inputs[1]
    taps = kernel.static_sizes[: len(window.strides)]
    work = prod(taps)
    if node.inputs[0].rank == 4:  # the GPU backends slice with steps in 4 dimensions at most
        try:
            if all(d % s == 0 for s, d in zip(window.strides, window.dilations, strict=True)):
                return _thinned(node, window, taps)
            if prod(window.extents(taps)) > work * prod(window.strides):
                return _thinned_after(node, window, taps)
        except UnknownShapeError:
            pass
    for axis, dilation in enumerate(window.dilations):
        kernel = spread(kernel, axis, dilation)
    return _conv(
        node,
        (node.inputs[0], kernel),
        strides=window.strides,
        padding=window.padding,
        explicit=window.explicit,
        shape=node.output_shape(),
    )


def _thinned(node: Subject, window: Window, taps: tuple[int, ...]) -> Tensor:
    """The lattice of pixels that the kernel meets starts within the padding: so many points of it are before the image."""
    x = node.inputs[0]
    sizes = x.sizes[1:3]
    begins, around = [], []
    for size, stride, (before, after) in zip(sizes, window.strides, window.paddings(sizes, taps), strict=True):
        begin = -before % stride
        if size is None and (before or after):
            raise UnknownShapeError("the image's size isn't known")
        points = 0 if size is None else -(-(size - begin) // stride)
        whole = points if size is None else -(-(size + before + after) // stride)
        ahead = (before + begin) // stride
        begins.append(begin)
        around.append((ahead, whole - ahead - points))
    thin = every_of(x, (0, *begins, 0), (1, *window.strides, 1))
    dilations = tuple(d // s for s, d in zip(window.strides, window.dilations, strict=True))
    return _conv(
        node,
        (thin, node.inputs[1]),
        dilations=dilations,
        padding="EXPLICIT",
        explicit=tuple(around),
        shape=node.output_shape(),
    )


def _thinned_after(node: Subject, window: Window, taps: tuple[int, ...]) -> Tensor:
    """With stride 1 padding SAME adds more before the image, so the wanted values begin later."""
    x = node.inputs[0]
    begins = [0] * len(taps)
    if window.padding == "SAME":
        wanted = window.paddings(x.sizes[1:3], taps)
        begins = [(n - 1) // 2 - before for n, (before, _) in zip(window.extents(taps), wanted, strict=True)]
    made = node.output_shape()
    channels = made[-1] if made is not None else None
    whole = _conv(
        node,
        (x, node.inputs[1]),
        dilations=window.dilations,
        padding=window.padding,
        explicit=window.explicit,
        shape=(x.sizes[0], None, None, channels),
    )
    return every_of(whole, (0, *begins, 0), (1, *window.strides, 1))


def _conv(
    node: Subject,
    inputs: tuple[Tensor, Tensor],
    *,
    strides: tuple[int, ...] = (),
    dilations: tuple[int, ...] = (),
    padding: str,
    explicit: Pairs,
    shape: Shape,
) -> Tensor:
    ones = (1,) * len(explicit)
    if padding == "EXPLICIT" and not any(n for pair in explicit for n in pair):
        padding = "VALID"
    attrs: dict[str, AttrValue] = {
        **kept(node.node, without=("explicit_paddings",)),
        "strides": (1, *(strides or ones), 1),
        "dilations": (1, *(dilations or ones), 1),
        "padding": padding.encode(),
    }
    if padding == "EXPLICIT":
        attrs["explicit_paddings"] = (0, 0, *(n for pair in explicit for n in pair), 0, 0)
    return make(node.op, inputs, dtype=inputs[0].dtype, shape=shape, **attrs)


LOWERING = Lowering(
    name="strided_dilated_conv",
    ops=("Conv2D", "DepthwiseConv2dNative", "Conv3D"),
    equation="Conv(x, w, stride s, dilation d) → Conv(every s-th of x, w, dilation d/s), or with zeros in w",
    lower=lower,
)
