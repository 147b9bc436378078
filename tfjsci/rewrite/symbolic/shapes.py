"""How large an op's results are, op by op, from the shapes and the values of its inputs.

Each function takes a node and gives the dimensions of its result (or of each of its results); None where it can't tell, and None
for a dimension that only the run tells. What isn't in the table has the shape that TensorFlow infers.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions import axes
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Asked, Table
from tfjsci.rewrite.symbolic.cut_shapes import sliced, strided
from tfjsci.rewrite.symbolic.dims import Open, equal, of_values, spread
from tfjsci.rewrite.symbolic.joined_shapes import joined, pack, split, split_v, unpack
from tfjsci.rewrite.symbolic.size import Number
from tfjsci.rewrite.symbolic.window_shapes import convolved, pooled


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


def _added(asked: Asked) -> Open | None:
    shapes = [shape for i in range(asked.count) if (shape := asked.shape(i)) is not None]
    return tuple(equal(column) for column in zip(*shapes, strict=True)) if shapes else None


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
            sizes[label] = equal((sizes.get(label, n), n))
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
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative", "_FusedConv2D"), convolved),
    **dict.fromkeys(("AvgPool", "MaxPool"), pooled),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), _norm),
    **dict.fromkeys(("MirrorPad", "Pad", "PadV2"), _padded),
    **dict.fromkeys(("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor"), _resized),
    "AddN": _added,
    "BroadcastTo": _broadcast_to,
    "ConcatV2": joined,
    "Conv2DBackpropInput": _input_of_conv,
    "Einsum": _einsum,
    "ExpandDims": _expand_dims,
    "Fill": _filled,
    "GatherV2": _gathered,
    "OneHot": _one_hot,
    "Pack": pack,
    "Range": _range,
    "Reshape": _reshape,
    "Select": _selected,
    "SelectV2": _binary,
    "Slice": sliced,
    "Split": split,
    "SplitV": split_v,
    "Squeeze": _squeeze,
    "StridedSlice": strided,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unpack": unpack,
}
"""By op."""
