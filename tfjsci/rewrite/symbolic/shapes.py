"""How large an op's results are, op by op, from the shapes and the values of its inputs.

Each function takes a node and gives the dimensions of its result (or of each of its results); None where it can't tell, and None
for a dimension that only the run tells. What isn't in the table has the shape that TensorFlow infers.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.catalog.restrictions import axes
from tfjsci.rewrite.formulas.cuts import NEW, strided_cuts
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Asked, Dims, Table
from tfjsci.rewrite.symbolic.size import Number

Open = tuple["Number | None", ...]
"""Dimensions as far as they are known."""


def of_values(numbers: Sequence[Number] | None) -> Open | None:
    """The shape that a vector of sizes tells; what may be negative isn't told."""
    if numbers is None:
        return None
    return tuple(n if (least := size.at_least(n)) is not None and least >= 0 else None for n in numbers)


def spread(*shapes: Dims | None) -> Open | None:
    """What they have in common once each is spread over the others."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return None
    rank = max(map(len, known))
    return tuple(_together(column) for column in zip(*((1,) * (rank - len(s)) + s for s in known), strict=True))


def _together(sizes: Sequence[Number]) -> Number | None:
    if len(sizes) == 2:
        a, b = sizes
        if a is b or b == 1:
            return a
        if a == 1:
            return b
    wide = list(dict.fromkeys(n for n in sizes if n != 1))
    known = [n for n in wide if isinstance(n, int)]
    return 1 if not wide else known[0] if known else wide[0] if len(wide) == 1 else None


def _binary(asked: Asked) -> Open | None:
    return spread(*(asked.shape(i) for i in range(asked.count)))


def _same(asked: Asked) -> Open | None:
    return asked.shape(0)


def _selected(asked: Asked) -> Open | None:
    return asked.shape(1)


def _reshape(asked: Asked) -> Open | None:
    dims, given = asked.vector(1), asked.shape(0)
    if dims is None:
        return None
    rest = [i for i, n in enumerate(dims) if (least := size.at_least(n)) is None or least < 0]
    found: list[Number | None] = [None if i in rest else n for i, n in enumerate(dims)]
    if len(rest) == 1 and given is not None:
        others = size.product(tuple(n for n in found if n is not None))
        # of an empty tensor, any number would do beside a 0; but -1 is refused there
        if others != 0 and (isinstance(others, int) or dims[rest[0]] == -1):
            found[rest[0]] = size.quotient(size.product(given), others)
    return tuple(found)


def _transpose(asked: Asked) -> Open | None:
    dims = asked.shape(0)
    order = None if dims is None else asked.axes(1, len(dims))
    return None if dims is None or order is None else tuple(dims[i] for i in order)


def _expand_dims(asked: Asked) -> Open | None:
    dims, axis = asked.shape(0), asked.number(1)
    if dims is None or axis is None:
        return None
    place = axis % (len(dims) + 1)
    return (*dims[:place], 1, *dims[place:])


def _squeeze(asked: Asked) -> Open | None:
    dims, gone = asked.shape(0), asked.view.numbers("squeeze_dims")
    if dims is None or (not gone and not all(isinstance(n, int) for n in dims)):
        return None
    places = {n % len(dims) for n in gone} if gone else {i for i, n in enumerate(dims) if n == 1}
    return tuple(n for i, n in enumerate(dims) if i not in places)


def _joined(asked: Asked) -> Open | None:
    shapes, axis = [asked.shape(i) for i in range(asked.count - 1)], asked.number(asked.count - 1)
    known = [shape for shape in shapes if shape is not None]
    if axis is None or len(known) < len(shapes):
        return None
    place = axis % len(known[0])
    total: Number = 0
    for shape in known:
        total = size.add(total, shape[place])
    columns = zip(*known, strict=True)
    return tuple(total if i == place else _equal(column) for i, column in enumerate(columns))


def _equal(sizes: Sequence[Number]) -> Number:
    return next((n for n in sizes if isinstance(n, int)), sizes[0])


def _added(asked: Asked) -> Open | None:
    shapes = [shape for i in range(asked.count) if (shape := asked.shape(i)) is not None]
    return tuple(_equal(column) for column in zip(*shapes, strict=True)) if shapes else None


def _pack(asked: Asked) -> Open | None:
    dims = asked.shape(0)
    if dims is None:
        return None
    place = asked.view.number("axis", 0) % (len(dims) + 1)
    return (*dims[:place], asked.count, *dims[place:])


def _unpack(asked: Asked) -> list[Open] | None:
    dims = asked.shape(0)
    if dims is None:
        return None
    place = asked.view.number("axis", 0) % len(dims)
    return [(*dims[:place], *dims[place + 1 :])] * asked.view.number("num", 1)


def _split(asked: Asked) -> list[Open] | None:
    dims, axis, parts = asked.shape(1), asked.number(0), asked.view.number("num_split", 1)
    if dims is None or axis is None:
        return None
    place = axis % len(dims)
    part = size.quotient(dims[place], parts)
    return [(*dims[:place], part, *dims[place + 1 :])] * parts


def _split_v(asked: Asked) -> list[Open] | None:
    dims, sizes, axis = asked.shape(0), asked.ints(1), asked.number(2)
    if dims is None or sizes is None or axis is None:
        return None
    place = axis % len(dims)
    rest = size.larger(size.subtract(dims[place], sum(n for n in sizes if n != -1)), 0)
    return [(*dims[:place], rest if n == -1 else n, *dims[place + 1 :]) for n in sizes]


def _slice(asked: Asked) -> Open | None:
    dims, begin, count = asked.shape(0), asked.vector(1), asked.vector(2)
    if dims is None or begin is None or count is None:
        return None
    cut = zip(dims, begin, count, strict=True)
    left = [size.larger(size.subtract(n, b), 0) if c == -1 else c for n, b, c in cut]
    return of_values(left)


def _strided_slice(asked: Asked) -> Open | None:
    dims, begin, end, steps = asked.shape(0), asked.vector(1), asked.vector(2), asked.ints(3)
    if dims is None or begin is None or end is None or steps is None:
        return None
    places = range(len(steps))
    cuts, layout = strided_cuts(asked.view, places, places, steps, len(dims))
    found: list[Number | None] = []
    for source in layout:
        if source == NEW:
            found.append(1)
            continue
        cut, n = cuts[int(source)], dims[int(source)]
        low = 0 if cut.begin is None else begin[cut.begin]
        high = n if cut.end is None else end[cut.end]
        if cut.step != 1:
            bounds = [None if at is None else given[at] for at, given in ((cut.begin, begin), (cut.end, end))]
            found.append(_stepped(n, bounds[0], bounds[1], cut.step))
        else:
            found.append(left_between(n, low, high))
    return tuple(found)


def _stepped(n: Number, low: Number | None, high: Number | None, step: int) -> Number | None:
    if isinstance(n, size.Size) or isinstance(low, size.Size) or isinstance(high, size.Size):
        return None if (low, high, step) != (None, None, -1) else n
    return len(range(*slice(low, high, step).indices(n)))


def left_between(n: Number, low: Number, high: Number) -> Number | None:
    """How many of ``n`` are left from ``low`` up to ``high``, both as in Python; None where it can't be told."""
    bounds: list[Number] = []
    for bound in (low, high):
        least = size.at_least(bound)
        if least is not None and least >= 0:
            bounds.append(size.smaller(bound, n))
        elif isinstance(bound, int):
            bounds.append(size.larger(size.add(n, bound), 0))
        else:
            return None
    return size.larger(size.subtract(bounds[1], bounds[0]), 0)


def _padded(asked: Asked) -> Open | None:
    dims, around = asked.shape(0), asked.vector(1)
    if dims is None or around is None:
        return None
    return tuple(size.add(n, size.add(around[2 * i], around[2 * i + 1])) for i, n in enumerate(dims))


def _tile(asked: Asked) -> Open | None:
    dims, times = asked.shape(0), of_values(asked.vector(1))
    if dims is None or times is None:
        return None
    return tuple(None if by is None else size.multiply(n, by) for n, by in zip(dims, times, strict=True))


def _filled(asked: Asked) -> Open | None:
    return of_values(asked.vector(0))


def _broadcast_to(asked: Asked) -> Open | None:
    return of_values(asked.vector(1))


def _reduced(asked: Asked) -> Open | None:
    dims = asked.shape(0)
    gone = None if dims is None else asked.axes(1, len(dims))
    if dims is None or gone is None:
        return None
    if asked.view.flag("keep_dims", False):
        return tuple(1 if i in gone else n for i, n in enumerate(dims))
    return tuple(n for i, n in enumerate(dims) if i not in gone)


def _gathered(asked: Asked) -> Open | None:
    dims, at = asked.shape(0), asked.shape(1)
    axis = asked.number(2) if asked.count > 2 else 0
    if dims is None or at is None or axis is None:
        return None
    place, batch = axis % len(dims), asked.view.number("batch_dims", 0)
    return (*dims[:place], *at[batch % (len(at) + 1) if batch < 0 else batch :], *dims[place + 1 :])


def _one_hot(asked: Asked) -> Open | None:
    dims, depth, axis = asked.shape(0), asked.vector(1), asked.view.number("axis", -1)
    if dims is None:
        return None
    place = axis % (len(dims) + 1)
    known = of_values(depth)
    return (*dims[:place], None if known is None else known[0], *dims[place:])


def _range(asked: Asked) -> Open | None:
    start, limit, step = (asked.vector(i) for i in range(3))
    if start is None or limit is None or step is None or not isinstance(step[0], int) or step[0] <= 0:
        return None
    count = size.floor_divide(size.add(size.subtract(limit[0], start[0]), step[0] - 1), step[0])
    return None if count is None else of_values([size.larger(count, 0)])


def _product(asked: Asked) -> Open | None:
    left, right = asked.shape(0), asked.shape(1)
    if left is None or right is None or min(len(left), len(right)) < 2:
        return None
    first = asked.view.flag("transpose_a", False) or asked.view.flag("adj_x", False)
    second = asked.view.flag("transpose_b", False) or asked.view.flag("adj_y", False)
    before = spread(left[:-2], right[:-2])
    rows, columns = left[-1] if first else left[-2], right[-2] if second else right[-1]
    return None if before is None else (*before, rows, columns)


def _convolved(asked: Asked) -> Open | None:
    image, kernel = asked.shape(0), asked.shape(1)
    if image is None or kernel is None or len(image) != 4 or len(kernel) != 4:
        return None
    if asked.view.text("data_format", "NHWC") != "NHWC":
        return None
    deep = asked.node.op.endswith("DepthwiseConv2dNative")
    channels = size.multiply(kernel[2], kernel[3]) if deep else kernel[3]
    return (image[0], *_windows(asked, image[1:3], kernel[:2]), channels)


def _pooled(asked: Asked) -> Open | None:
    image, taps = asked.shape(0), asked.view.numbers("ksize")
    if image is None or len(image) != 4 or len(taps) != 4 or asked.view.text("data_format", "NHWC") != "NHWC":
        return None
    if taps[0] != 1 or taps[3] != 1:
        return None
    return (image[0], *_windows(asked, image[1:3], taps[1:3]), image[3])


def _windows(asked: Asked, sizes: Sequence[Number], taps: Sequence[Number]) -> Open:
    """At how many places along height and width a window of ``taps`` stops."""
    strides = asked.view.numbers("strides") or (1, 1, 1, 1)
    dilations = asked.view.numbers("dilations") or (1, 1, 1, 1)
    explicit = asked.view.numbers("explicit_paddings") or (0,) * 8
    found: list[Number | None] = []
    for axis, (n, k) in enumerate(zip(sizes, taps, strict=True), 1):
        stride, extent = strides[axis], size.add(size.multiply(size.subtract(k, 1), dilations[axis]), 1)
        if asked.view.text("padding") == "SAME":
            found.append(size.floor_divide(size.add(n, stride - 1), stride))
            continue
        room = size.subtract(size.add(n, explicit[2 * axis] + explicit[2 * axis + 1]), extent)
        places = size.floor_divide(size.add(room, stride), stride)
        found.append(None if places is None else size.larger(places, 0))
    return tuple(found)


def _resized(asked: Asked) -> Open | None:
    image, sizes = asked.shape(0), of_values(asked.vector(1))
    return None if image is None or sizes is None or len(sizes) != 2 else (image[0], *sizes, image[3])


def _input_of_conv(asked: Asked) -> Open | None:
    return of_values(asked.vector(0))


def _einsum(asked: Asked) -> Open | None:
    inputs, arrow, result = asked.view.text("equation").replace(" ", "").partition("->")
    if not arrow or "." in inputs:
        return None
    sizes: dict[str, Number] = {}
    for i, labels in enumerate(inputs.split(",")):
        dims = asked.shape(i)
        if dims is None or len(dims) != len(labels):
            return None
        for label, n in zip(labels, dims, strict=True):
            sizes[label] = _equal((sizes.get(label, n), n))
    return tuple(sizes.get(label) for label in result)


def _norm(asked: Asked) -> list[Open | None]:
    return [asked.shape(0)]


SHAPES: Table = {
    **dict.fromkeys(axes.UNARY, _same),
    **dict.fromkeys(axes.BINARY - {"Prelu", "BiasAdd"}, _binary),
    **dict.fromkeys(
        (
            "BiasAdd",
            "BiasAddV1",
            "Cumprod",
            "Cumsum",
            "Identity",
            "LRN",
            "LogSoftmax",
            "MatrixBandPart",
            "OnesLike",
            "PreventGradient",
            "Prelu",
            "Reverse",
            "ReverseSequence",
            "ReverseV2",
            "Roll",
            "Snapshot",
            "Softmax",
            "Softsign",
            "StopGradient",
            "ZerosLike",
        ),
        _same,
    ),
    **dict.fromkeys(("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"), _reduced),
    **dict.fromkeys(("ArgMax", "ArgMin"), _reduced),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "MatMul", "_FusedMatMul"), _product),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative", "_FusedConv2D"), _convolved),
    **dict.fromkeys(("AvgPool", "MaxPool"), _pooled),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), _norm),
    **dict.fromkeys(("MirrorPad", "Pad", "PadV2"), _padded),
    **dict.fromkeys(("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor"), _resized),
    "AddN": _added,
    "BroadcastTo": _broadcast_to,
    "ConcatV2": _joined,
    "Conv2DBackpropInput": _input_of_conv,
    "Einsum": _einsum,
    "ExpandDims": _expand_dims,
    "Fill": _filled,
    "GatherV2": _gathered,
    "OneHot": _one_hot,
    "Pack": _pack,
    "Range": _range,
    "Reshape": _reshape,
    "Select": _selected,
    "SelectV2": _binary,
    "Slice": _slice,
    "Split": _split,
    "SplitV": _split_v,
    "Squeeze": _squeeze,
    "StridedSlice": _strided_slice,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unpack": _unpack,
}
"""By op."""
