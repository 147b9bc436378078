"""Conv3DBackpropInputV2(sizes, w, x)  ->  blocks(Conv3D(pad(x), v)), cropped

A transposed convolution of stride s makes s values a pixel along each dimension: they are channels of a convolution of
stride 1 whose kernel v holds w's taps apart by phase, v[t, i, phase, o] = w[phase + s · (q - 1 - t), o, i] with q = ⌈taps / s⌉.
Two transposes then put the phases between the pixels (the last dimension's are there already). No zero of a spread image is
ever multiplied.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from tfjsci.graph.graph import Array, Constant, DType
from tfjsci.rewrite.build import Tensor, UnknownShapeError, make, pad_space, product, reshape, size, slice_of, transpose
from tfjsci.rewrite.formulas.windows import Pairs, Window, window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, NewConst


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """For each spatial dimension: the kernel's size once split by phase, the padding, how many blocks of values come out of
    the convolution, and where in them the result begins."""

    taps: tuple[int, ...]
    around: Pairs
    blocks: tuple[int, ...]
    begins: tuple[int, ...]


def lower(node: Subject) -> Tensor | Declined:
    """At most two Pads, a Conv3D, two Transposes and a Slice."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    weight = node.graph.constant(node.node.inputs[1])
    if weight is None:
        return Declined(reason="the kernel isn't a constant")
    made, x = _whole(node.output_shape()), node.inputs[2]
    kernel = _dilated(weight.value, window.dilations)
    plan = _plan(window, _whole(x.shape), made, kernel.shape[:3])
    split = _by_phase(kernel, window.strides, plan.taps)
    v = Tensor(
        source=NewConst(name=node.node.inputs[1], constant=Constant(value=split, sources=weight.sources)),
        dtype=x.dtype,
        shape=split.shape,
    )
    padding, around = "VALID", plan.around
    if around == tuple(((n - 1) // 2, n - 1 - (n - 1) // 2) for n in plan.taps):
        padding, around = "SAME", ((0, 0),) * 3
    batch, outer = size(x, 0), kernel.shape[3]
    blocks = make(
        "Conv3D",
        [pad_space(x, around), v],
        dtype=x.dtype,
        shape=(x.sizes[0], *plan.blocks, split.shape[-1]),
        T=DType(x.dtype),
        strides=(1,) * 5,
        dilations=(1,) * 5,
        padding=padding.encode(),
        data_format=b"NDHWC",
    )
    deep, high, wide = plan.blocks
    by_depth, by_height, by_width = window.strides
    rows = product([batch, deep])
    if by_depth > 1:
        apart = reshape(blocks, [rows, high * wide, by_depth, by_height * by_width * outer])
        blocks = transpose(apart, (0, 2, 1, 3))
    rows = product([rows, by_depth * high])
    if by_height > 1:
        apart = reshape(blocks, [rows, wide, by_height, by_width * outer])
        blocks = transpose(apart, (0, 2, 1, 3))
    sizes = tuple(n * stride for n, stride in zip(plan.blocks, window.strides, strict=True))
    whole = reshape(blocks, [batch, *sizes, outer])
    return whole if sizes == made else slice_of(whole, [0, *plan.begins, 0], [-1, *made, -1])


def _whole(shape: tuple[int | None, ...] | None) -> tuple[int, ...]:
    """The spatial sizes."""
    sizes = tuple(n for n in (shape or ())[1:4] if n is not None)
    if len(sizes) < 3:
        raise UnknownShapeError("the size of the volume isn't known before the model runs")
    return sizes


def _plan(window: Window, given: tuple[int, ...], made: tuple[int, ...], taps: tuple[int, ...]) -> _Plan:
    counts, around, blocks, begins = [], [], [], []
    forward = Window(strides=window.strides, dilations=(1, 1, 1), padding=window.padding, explicit=window.explicit)
    for n, result, stride, count, (skipped, _) in zip(
        given, made, window.strides, taps, forward.paddings(made, taps), strict=True
    ):
        reach = -(-count // stride)
        first, last = skipped // stride, (result - 1 + skipped) // stride
        counts.append(reach)
        around.append((reach - 1 - first, last - (n - 1)))
        blocks.append(last - first + 1)
        begins.append(skipped - first * stride)
    return _Plan(taps=tuple(counts), around=tuple(around), blocks=tuple(blocks), begins=tuple(begins))


def _dilated(kernel: Array, dilations: tuple[int, ...]) -> Array:
    sizes = [(n - 1) * d + 1 for n, d in zip(kernel.shape[:3], dilations, strict=True)]
    spread: Array = np.zeros((*sizes, *kernel.shape[3:]), kernel.dtype)
    spread[tuple(slice(None, None, d) for d in dilations)] = kernel
    return spread


def _by_phase(kernel: Array, strides: tuple[int, ...], taps: tuple[int, ...]) -> Array:
    """[depth, height, width, out, in] -> [q, q, q, in, s · s · s · out], each q backwards."""
    whole = [(0, q * s - n) for q, s, n in zip(taps, strides, kernel.shape, strict=False)]
    filled = np.pad(kernel, [*whole, (0, 0), (0, 0)])
    apart = filled.reshape(*(n for pair in zip(taps, strides, strict=True) for n in pair), *kernel.shape[3:])
    turned = apart[::-1, :, ::-1, :, ::-1].transpose(0, 2, 4, 7, 1, 3, 5, 6)
    result: Array = np.ascontiguousarray(turned.reshape(*taps, kernel.shape[4], prod(strides) * kernel.shape[3]))
    return result


LOWERING = Lowering(
    name="transposed_conv3d",
    ops=("Conv3DBackpropInputV2",),
    equation="Conv3DBackpropInputV2(n, w, x) → blocks(Conv3D(Pad(x), v)), cropped",
    lower=lower,
)
