"""The layers that random graphs are made of: each picks what it works on, or leaves the graph as it is where nothing fits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from graph_draft import Draft

from tfjsci.graph.graph import DType

if TYPE_CHECKING:
    from random_graphs import Growing

INT = DType("int32")
MOST_DIMENSIONS = 4
MOST_VALUES = 4000
"""Of a tensor: what the page computes on the CPU, too."""

FILTERS = (1, 2, 3, 4, 8)
"""Channels that a layer makes: as many as something else has, or enough for what pays for many only."""

ACTIVATIONS = ("Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu", "Tanh", "Selu", "Softplus")


def rank(*wanted: int) -> Callable[[tuple[int, ...]], bool]:
    return lambda shape: len(shape) in wanted


def spatial(size: int, kernel: int, stride: int, dilation: int, padding: str, around: int) -> int:
    """The size of a convolution's result along one axis; 0 or less: it can't be."""
    extent = (kernel - 1) * dilation + 1
    return -(-size // stride) if padding == "SAME" else (size + around - extent) // stride + 1


def _kernel(g: Growing, channels: int, others: int) -> str:
    """A kernel for so many channels of the input: a new one, or one that another convolution reads."""
    known = [n for n, c in g.draft.constants.items() if c.value.ndim == 4 and c.value.shape[2] == channels]
    if known and g.either(False, True):
        return str(g.either(*known))
    height, width = g.number(1, 3), g.number(1, 3)
    return g.draft.const(g.name("k"), g.values(height, width, channels, others) / math.sqrt(height * width * channels))


def _convolution(g: Growing, x: str, kernel: str, *, depthwise: bool, one_dimension: bool = False) -> str | None:
    """On an image [batch, height, width, channels]."""
    n, *sizes, channels = g.shape(x)
    *extents, _, last = g.draft.constants[kernel].value.shape
    padding, strides = g.either("SAME", "VALID", "EXPLICIT"), g.number(1, 2)
    dilations = (1, 1) if depthwise or strides == 2 else (g.number(1, 2), g.number(1, 2))
    if one_dimension:
        strides, dilations = 1, (1, dilations[1])
    around = [(g.number(0, 2), g.number(0, 2)) for _ in sizes] if padding == "EXPLICIT" else [(0, 0), (0, 0)]
    if one_dimension:
        around[0] = (0, 0)
    made = [
        spatial(size, extent, strides, dilation, padding, sum(pair))
        for size, extent, dilation, pair in zip(sizes, extents, dilations, around, strict=True)
    ]
    if min(made) < 1:
        return None
    explicit = (0, 0, *around[0], *around[1], 0, 0) if padding == "EXPLICIT" else ()
    attrs: dict[str, Any] = {"padding": padding, "strides": strides, "explicit_paddings": explicit}
    method = Draft.depthwise if depthwise else Draft.conv
    y = method(g.draft, g.name("conv"), x, kernel, dilations=(1, *dilations, 1), **attrs)
    return g.add(y, (n, *made, channels * last if depthwise else last))


def convolution(g: Growing) -> None:
    if x := g.pick(rank(4)):
        _convolution(g, x, _kernel(g, g.shape(x)[3], g.either(*FILTERS)), depthwise=False)


def depthwise(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) == 4 and shape[3] < 9):
        _convolution(g, x, _kernel(g, g.shape(x)[3], g.number(1, 2)), depthwise=True)


def sequence_convolution(g: Growing) -> None:
    """A Conv1D: between ExpandDims and Squeeze."""
    if not (x := g.pick(rank(3))):
        return
    n, steps, channels = g.shape(x)
    axis = g.either(1, -3)
    kernel = g.draft.const(g.name("k"), g.values(1, g.number(1, 3), channels, g.number(1, 4)) / math.sqrt(channels))
    wide = g.op("ExpandDims", (n, 1, steps, channels), x, g.integers(axis), Tdim=INT)
    if y := _convolution(g, wide, kernel, depthwise=False, one_dimension=True):
        n, _, *rest = g.shape(y)
        g.op("Squeeze", (n, *rest), y, squeeze_dims=(axis,))


def transposed_convolution(g: Growing) -> None:
    if not (x := g.pick(lambda shape: len(shape) == 4 and math.prod(shape) < MOST_VALUES // 4)):
        return
    n, height, width, channels = g.shape(x)
    stride, padding = g.number(1, 2), g.either("SAME", "VALID")
    extents = (g.number(1, 3), g.number(1, 3))
    filters = g.number(1, 4)
    kernel = g.weight(*extents, filters, channels)
    made = [
        size * stride if padding == "SAME" else (size - 1) * stride + max(extent, stride)
        for size, extent in zip((height, width), extents, strict=True)
    ]
    sizes = _shape(g, x, (n, *made, filters))
    attrs = {"strides": (1, stride, stride, 1), "padding": padding.encode(), "data_format": b"NHWC"}
    more = {"dilations": (1, 1, 1, 1), "explicit_paddings": ()}
    g.op("Conv2DBackpropInput", (n, *made, filters), sizes, kernel, x, **attrs, **more)


def _shape(g: Growing, x: str, shape: tuple[int, ...]) -> str:
    """A shape as a constant, if the batch is known, or with the first size taken from x's, as Keras does."""
    if not g.batch_open:
        return g.integers(shape)
    sizes = g.draft.typed("Shape", g.name("shape"), x, out_type=INT)
    cut = [g.integers([value]) for value in (0, 1, 1)]
    masks = {f"{name}_mask": 0 for name in ("begin", "end", "ellipsis", "new_axis")}
    first = g.draft.op("StridedSlice", g.name("n"), sizes, *cut, T=INT, Index=INT, shrink_axis_mask=1, **masks)
    rest = [g.integers(size) for size in shape[1:]]
    return g.draft.op("Pack", g.name("pack"), first, *rest, T=INT, N=len(shape), axis=0)


def product(g: Growing) -> None:
    """A Dense: of a matrix, of matrices, or of rows that are put together before."""
    if not (x := g.pick(rank(2, 3, 4))):
        return
    *before, width = g.shape(x)
    units, turned = g.number(1, 4), g.either(False, True)
    kernel = g.weight(*((units, width) if turned else (width, units)), like=lambda value: value / math.sqrt(width))
    if len(before) == 1:
        g.op("MatMul", (*before, units), x, kernel, transpose_a=False, transpose_b=turned)
    elif g.either(False, True):
        g.op("BatchMatMulV2", (*before, units), x, kernel, adj_x=False, adj_y=turned)
    else:
        rows = math.prod(before)
        flat = g.op("Reshape", (rows, width), x, g.integers((-1, width)), Tshape=INT)
        y = g.op("MatMul", (rows, units), flat, kernel, transpose_a=False, transpose_b=turned)
        g.op("Reshape", (*before, units), y, _shape(g, x, (*before, units)), Tshape=INT)


def attention(g: Growing) -> None:
    """Softmax(s · x yᵀ) z of three tensors, which may be the same."""
    if not (x := g.pick(rank(3, 4))):
        return
    *batch, steps, width = g.shape(x)
    y = g.pick(lambda shape: len(shape) == len(batch) + 2 and shape[:-2] == tuple(batch) and shape[-1] == width)
    assert y is not None
    others = g.shape(y)[-2]
    z = g.pick(lambda shape: len(shape) == len(batch) + 2 and shape[:-1] == (*batch, others))
    assert z is not None
    scores = g.op("BatchMatMulV2", (*batch, steps, others), x, y, adj_x=False, adj_y=True)
    scores = g.op("Mul", (*batch, steps, others), scores, g.draft.const(g.name("s"), 0.35, sources=()))
    weights = g.op("Softmax", (*batch, steps, others), scores)
    g.op("BatchMatMulV2", (*batch, steps, g.shape(z)[-1]), weights, z, adj_x=False, adj_y=False)


def fused_norm(g: Growing) -> None:
    if x := g.pick(rank(4)):
        channels = g.shape(x)[3]
        gamma, beta, mean = (g.weight(channels) for _ in range(3))
        variance = g.draft.const(g.name("v"), np.abs(g.values(channels)) + 0.5)
        op = g.either("FusedBatchNormV3", "FusedBatchNorm")
        g.add(g.draft.norm(g.name("norm"), x, gamma, beta, mean, variance, op=op), g.shape(x))


def norm_apart(g: Growing) -> None:
    """Batch norm as Keras writes it: the factor is computed from the variance, the mean subtracted before or with the shift."""
    if not (x := g.pick(lambda shape: len(shape) > 1)):
        return
    shape = g.shape(x)
    channels, d = shape[-1], g.draft
    variance = d.const(g.name("v"), np.abs(g.values(channels)) + 0.5)
    root = d.typed("Rsqrt", g.name("rsqrt"), d.typed("AddV2", g.name("add"), variance, d.const(g.name("e"), 1e-3)))
    factor = d.typed("Mul", g.name("mul"), root, g.weight(channels))
    beta, mean = g.weight(channels), g.weight(channels)
    if g.either(False, True):
        centred = g.op("Sub", shape, x, mean)
        g.op("AddV2", shape, g.op("Mul", shape, factor, centred), beta)
    else:
        shift = d.typed("Sub", g.name("sub"), beta, d.typed("Mul", g.name("mul"), mean, factor))
        g.op("AddV2", shape, g.op("Mul", shape, x, factor), shift)


def bias(g: Growing) -> None:
    """Along the channels, or along the first dimension behind the batch."""
    if x := g.pick(lambda shape: len(shape) > 1):
        shape = g.shape(x)
        form, axis = g.either((b"NHWC", -1), (b"NHWC", -1), (b"NCHW", 1)) if len(shape) == 4 else (b"NHWC", -1)
        g.add(g.draft.bias_add(g.name("biased"), x, g.weight(shape[axis]), data_format=form), shape)


def with_constant(g: Growing) -> None:
    """One number for all, for each channel, or for each place of some other axes."""
    if not (x := g.pick(lambda shape: len(shape) > 1)):
        return
    shape = g.shape(x)
    one_each = [(), (1,), shape[-1:], (1, shape[-1]), (1,) * (len(shape) - 1) + shape[-1:]]
    spread = [tuple(size if g.either(True, False) else 1 for size in shape[1:])]
    lifting = [(1,) * len(shape) + shape[-1:]] if len(shape) < MOST_DIMENSIONS and shape[0] > 1 else []
    c = g.weight(*(chosen := g.either(*one_each, *spread, *lifting)))
    op = g.either("AddV2", "Mul", "Add", "Sub", "Maximum")
    made = (1, *shape) if chosen in lifting else shape
    y = g.draft.typed(op, g.name(op.lower()), *g.either((x, c), (c, x)))
    if made == shape:
        g.add(y, shape)
    else:  # its first size isn't the batch: it is an output, and nothing grows on it
        g.lifted.append(y)


def join(g: Growing) -> None:
    """Two tensors alike, which may be one."""
    if not (x := g.pick()):
        return
    shape = g.shape(x)
    y = g.pick(lambda other: other == shape)
    assert y is not None
    op = g.either("AddV2", "AddN", "Mul", "Sub", "Maximum")
    if op == "AddN":
        pair = g.either((x, y), (y, x), (x, y, x))
        g.op(op, shape, *pair, N=len(pair))
    else:
        g.op(op, shape, x, y)


def gate(g: Growing) -> None:
    """Every channel of an image by a number computed from all of it."""
    if x := g.pick(rank(4)):
        n, _, _, channels = shape = g.shape(x)
        pooled = g.op("Mean", (n, 1, 1, channels), x, g.integers((1, 2)), keep_dims=True, Tidx=INT)
        if y := _convolution(g, pooled, _kernel(g, channels, channels), depthwise=False):
            y = g.op("Sigmoid", g.shape(y), y)
            if g.shape(y) == (n, 1, 1, channels):
                g.op("Mul", shape, *g.either((x, y), (y, x)))


def pool(g: Growing) -> None:
    if x := g.pick(rank(3, 4)):
        n, *sizes, channels = g.shape(x)
        keep, negative = g.either(False, True), g.either(False, True)
        axes = [axis - (len(sizes) + 2 if negative else 0) for axis in range(1, len(sizes) + 1)]
        shape = (n, *([1] * len(sizes) if keep else []), channels)
        g.op("Mean", shape, x, g.integers(axes), keep_dims=keep, Tidx=INT)


def _but(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


def window(g: Growing) -> None:
    """A pool of windows."""
    if x := g.pick(rank(4)):
        n, *sizes, channels = g.shape(x)
        k, stride, padding = g.number(1, 3), g.number(1, 2), g.either("SAME", "VALID")
        made = [spatial(size, k, stride, 1, padding, 0) for size in sizes]
        if min(made) > 0:
            attrs = {"ksize": (1, k, k, 1), "strides": (1, stride, stride, 1), "padding": padding.encode()}
            g.op(g.either("MaxPool", "AvgPool"), (n, *made, channels), x, data_format=b"NHWC", **attrs)


def concatenation(g: Growing) -> None:
    if not (x := g.pick(lambda shape: len(shape) > 1 and math.prod(shape) < MOST_VALUES)):
        return
    shape = g.shape(x)
    axis = g.number(1, len(shape) - 1)
    y = g.pick(lambda other: len(other) == len(shape) and _but(other, axis) == _but(shape, axis))
    assert y is not None
    made = (*shape[:axis], shape[axis] + g.shape(y)[axis], *shape[axis + 1 :])
    number = g.integers(g.either(axis, axis - len(shape)))
    g.op("ConcatV2", made, *g.either((x, y), (y, x)), number, N=2, Tidx=INT)


def pad(g: Growing) -> None:
    if x := g.pick(rank(3, 4)):
        n, *sizes, channels = g.shape(x)
        pairs = [(g.number(0, 2), g.number(0, 2)) for _ in sizes]
        op = g.either("Pad", "PadV2", "MirrorPad")
        if op == "MirrorPad":
            pairs = [(min(a, size - 1), min(b, size - 1)) for (a, b), size in zip(pairs, sizes, strict=True)]
        paddings = g.integers([(0, 0), *pairs, (0, 0)])
        made = (n, *(size + sum(pair) for size, pair in zip(sizes, pairs, strict=True)), channels)
        more = (g.draft.const(g.name("c"), g.either(0.0, 0.5), sources=()),) if op == "PadV2" else ()
        g.op(op, made, x, paddings, *more, Tpaddings=INT, **({"mode": b"REFLECT"} if op == "MirrorPad" else {}))


def activation(g: Growing) -> None:
    if x := g.pick():
        op = g.either(*ACTIVATIONS)
        g.op(op, g.shape(x), x, **({"alpha": g.either(0.2, 0.1, 1.5)} if op == "LeakyRelu" else {}))


def spelled_activation(g: Growing) -> None:
    """Activations as Keras and others write them in plain ops."""
    if not (x := g.pick(lambda shape: len(shape) > 1)):
        return
    shape = g.shape(x)

    def number(value: float) -> str:
        return g.draft.const(g.name("c"), value, sources=())

    kind = g.either("swish", "hard swish", "leaky", "prelu", "prelu of Keras", "gelu of tanh", "gelu")
    if kind == "swish":
        g.op("Mul", shape, *g.either((x, g.op("Sigmoid", shape, x)), (g.op("Sigmoid", shape, x), x)))
    elif kind == "hard swish":
        y = g.op("Relu6", shape, g.op("AddV2", shape, x, number(3.0)))
        g.op("Mul", shape, x, g.op("Mul", shape, y, number(1 / 6)))
    elif kind == "leaky":
        y = g.op("Mul", shape, x, number(g.either(0.3, 0.01, 1.7)))
        g.op("Maximum", shape, *g.either((x, y), (y, x)))
    elif kind == "prelu":
        alpha = g.weight(*g.either(shape[-1:], shape[1:]))
        down = g.op("Mul", shape, alpha, g.op("Minimum", shape, x, number(0.0)))
        g.op("AddV2", shape, g.op("Maximum", shape, x, number(0.0)), down)
    elif kind == "prelu of Keras":
        alpha = g.draft.typed("Neg", g.name("neg"), g.weight(*g.either(shape[-1:], shape[1:])))
        down = g.op("Mul", shape, alpha, g.op("Relu", shape, g.op("Neg", shape, x)))
        g.op("AddV2", shape, g.op("Relu", shape, x), down)
    elif kind == "gelu":
        inner = g.op("Erf", shape, g.op("Mul", shape, x, number(math.sqrt(0.5))))
        g.op("Mul", shape, g.op("Mul", shape, x, number(0.5)), g.op("AddV2", shape, inner, number(1.0)))
    else:
        cube = g.op("Pow", shape, x, number(3.0))
        inner = g.op("AddV2", shape, x, g.op("Mul", shape, cube, number(0.044715)))
        inner = g.op("Tanh", shape, g.op("Mul", shape, inner, number(math.sqrt(2 / math.pi))))
        g.op("Mul", shape, g.op("Mul", shape, x, number(0.5)), g.op("AddV2", shape, inner, number(1.0)))


def layer_norm(g: Growing) -> None:
    """Over the last axis, as Keras writes it."""
    if not (x := g.pick(lambda shape: len(shape) > 1 and shape[-1] > 1)):
        return
    shape = g.shape(x)
    alone = (*shape[:-1], 1)
    axis = g.integers(g.either([len(shape) - 1], [-1]))
    mean = g.op("Mean", alone, x, axis, keep_dims=True, Tidx=INT)
    variance = g.op("Mean", alone, g.op("SquaredDifference", shape, x, mean), axis, keep_dims=True, Tidx=INT)
    root = g.op("Rsqrt", alone, g.op("AddV2", alone, variance, g.draft.const(g.name("e"), 1e-3, sources=())))
    factor = g.op("Mul", shape, root, g.weight(shape[-1]))
    shift = g.op("Sub", shape, g.weight(shape[-1]), g.op("Mul", shape, mean, factor))
    g.op("AddV2", shape, g.op("Mul", shape, x, factor), shift)


def softmax(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) > 1):
        g.op(g.either("Softmax", "LogSoftmax"), g.shape(x), x)


def transposition(g: Growing) -> None:
    """Of channels, of heads, or any; the batch mostly stays."""
    if x := g.pick(lambda shape: len(shape) > 1):
        shape = g.shape(x)
        last, first = [0, *range(2, len(shape)), 1], [0, len(shape) - 1, *range(1, len(shape) - 1)]
        heads = [0, 2, 1, *range(3, len(shape))] if len(shape) > 2 else [0, 1]
        order = g.either(first, last, heads)
        g.op("Transpose", [shape[axis] for axis in order], x, g.integers(order), Tperm=INT)


def reshape(g: Growing) -> None:
    """Flatten, rows, channels split or put together: the first size is left open or taken from the tensor's shape."""
    if not (x := g.pick(lambda shape: len(shape) > 1)):
        return
    n, *rest = g.shape(x)
    divisors = [d for d in range(2, rest[-1]) if rest[-1] % d == 0] or [1]
    part = g.either(*divisors)
    options = [(math.prod(rest),), (*rest[:-1], part, rest[-1] // part), (*rest[:-2], math.prod(rest[-2:]))]
    made = [option for option in options if len(option) < MOST_DIMENSIONS]
    wanted = g.either(*made)
    if g.either(False, True):
        g.op("Reshape", (n, *wanted), x, _shape(g, x, (n, *wanted)), Tshape=INT)
    else:
        g.op("Reshape", (n, *wanted), x, g.integers((-1, *wanted)), Tshape=INT)


def squeeze(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) > 2 and 1 in shape[1:]):
        shape = g.shape(x)
        axis = g.either(*(axis for axis in range(1, len(shape)) if shape[axis] == 1))
        dims = (g.either(axis, axis - len(shape)),)
        g.op("Squeeze", (*shape[:axis], *shape[axis + 1 :]), x, squeeze_dims=dims)


def expand(g: Growing) -> None:
    if x := g.pick(lambda shape: 1 < len(shape) < MOST_DIMENSIONS):
        shape = g.shape(x)
        axis = g.number(1, len(shape))
        number = g.integers(g.either(axis, axis - len(shape) - 1))
        g.op("ExpandDims", (*shape[:axis], 1, *shape[axis:]), x, number, Tdim=INT)


def identity(g: Growing) -> None:
    if x := g.pick():
        g.op("Identity", g.shape(x), x)


LAYERS = (
    convolution, depthwise, product, bias, with_constant, fused_norm, norm_apart, activation, join, concatenation, pad,
    sequence_convolution, transposed_convolution, transposition, reshape, spelled_activation, layer_norm, gate, pool, window,
    attention, softmax, squeeze, expand, identity,
)  # fmt: skip
