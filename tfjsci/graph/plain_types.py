"""What TensorFlow infers of the ops that nets are made of, reckoned here: to ask TensorFlow takes a hundred times as long.

A function of an op takes what is known of its inputs and tells the same shape that TensorFlow's shape function tells, or None:
then TensorFlow is asked, as it is of any op that isn't here, and of whatever is odd (sizes that don't fit, a dtype that isn't the
attribute's), so that it says what is wrong. Source: tensorflow/core/framework/common_shape_fns.cc, and the ops' registrations in
tensorflow/core/ops. What they tell is held against TensorFlow in tests/tensorflow/test_plain_types.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tfjsci.graph.graph import Array, DType, Graph, Node, Shape, ShapeAttr, TensorType, dtype_name
from tfjsci.graph.plain_values import Holder, Numbers, TypeOf, cut_of, is_masked, whole_numbers

Dims = tuple["int | None", ...]


class Asked:
    """``node`` with the shapes of its inputs, all of known rank, and the values of those that are constants."""

    def __init__(self, graph: Graph, node: Node, dims: Sequence[Dims], type_of: TypeOf) -> None:
        self.graph, self.node, self.dims = graph, node, dims
        self._type_of = type_of

    def ints(self, index: int) -> list[int] | None:
        """The whole numbers of an input that is a constant, flattened."""
        constant = self.graph.constants.get(self.node.inputs[index])
        return None if constant is None else whole_numbers(constant, rank=2)

    def held(self, index: int) -> Numbers | None:
        """The whole numbers of an input that is a vector, each None where it isn't known."""
        return Holder(self.graph, self._type_of).numbers(self.node.inputs[index])

    def axes(self, index: int, rank: int) -> list[int] | None:
        """Those that name dimensions, counted from the front."""
        numbers = self.ints(index)
        if numbers is None or any(not -rank <= n < rank for n in numbers):
            return None
        return [n % rank for n in numbers]

    def numbers(self, name: str, count: int) -> list[int] | None:
        """A list of so many whole numbers among the attributes."""
        value = self.node.attrs.get(name)
        if not isinstance(value, tuple) or len(value) != count or not all(isinstance(n, int) for n in value):
            return None
        return [int(n) for n in value if isinstance(n, int)]

    def is_nhwc(self) -> bool:
        """Whether the channels are last."""
        return self.node.attrs.get("data_format", b"NHWC") == b"NHWC"


def plain_types(graph: Graph, node: Node, type_of: TypeOf) -> list[TensorType] | None:
    """What TensorFlow would infer of each output of the node; None where it must be asked.

    ``type_of`` tells what is inferred of the inputs.
    """
    if node.op == "Const":
        value: Array = graph.constants[node.name].value
        return [TensorType(dtype=dtype_name(value), shape=value.shape)]
    if node.op == "Placeholder":
        return _placeholder(node)
    shape_of = SHAPES.get(node.op)
    if shape_of is None or node.control:
        return None
    inputs = [type_of(tensor) for tensor in node.inputs]
    known = [each for each in inputs if each is not None]
    dims = [each.shape for each in known if each.shape is not None]
    if not dims or len(dims) < len(inputs) or node.attrs.get(_DTYPE_READ.get(node.op, "T")) != DType(known[0].dtype):
        return None
    shape = shape_of(Asked(graph, node, dims, type_of))
    alike = known if node.op in _SAME_DTYPES else known[:-1] if node.op == "ConcatV2" else known[:1]
    if shape is None or any(each.dtype != known[0].dtype for each in alike):
        return None
    made = node.attrs.get(_DTYPE_MADE[node.op]) if node.op in _DTYPE_MADE else None
    dtype = made.name if isinstance(made, DType) else "bool" if node.op in _COMPARING else known[0].dtype
    if node.op in _NORMS:
        return _of_norm(known, shape)
    return [TensorType(dtype=dtype, shape=shape)]


def all_plain(graph: Graph) -> dict[str, TensorType] | None:
    """What TensorFlow would infer of every tensor; None where it must be asked about a node."""
    types: dict[str, TensorType] = {}
    for node in graph.nodes:
        told = plain_types(graph, node, types.get)
        if told is None:
            return None
        types.update(named(node, told))
    return types


def named(node: Node, told: Sequence[TensorType]) -> dict[str, TensorType]:
    """The types by the tensors' names."""
    return {f"{node.name}:{i}" if i else node.name: known for i, known in enumerate(told)}


def _placeholder(node: Node) -> list[TensorType] | None:
    dtype, shape = node.attrs.get("dtype"), node.attrs.get("shape")
    if not isinstance(dtype, DType) or not isinstance(shape, ShapeAttr):
        return None
    return [TensorType(dtype=dtype.name, shape=shape.shape)]


def _same(asked: Asked) -> Shape:
    return asked.dims[0] if len(asked.dims) == 1 else None


def _rows(asked: Asked) -> Shape:
    return asked.dims[0] if len(asked.dims) == 1 and asked.dims[0] else None


def spread(a: Dims, b: Dims) -> Dims | None:
    """The shape of two that are spread over one another. A size of more than 1 is taken for the other's, if that isn't known."""
    rank = max(len(a), len(b))
    found: list[int | None] = []
    for m, n in zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True):
        if m is None or n is None:
            known = n if m is None else m
            found.append(known if known is not None and known > 1 else None)
        elif m == 1 or n == 1 or m == n:
            found.append(n if m == 1 else m)
        else:
            return None
    return tuple(found)


def _binary(asked: Asked) -> Shape:
    return spread(*asked.dims) if len(asked.dims) == 2 else None


def _merged(a: Dims, b: Dims) -> Dims | None:
    """What is known by either of two that are the same."""
    if len(a) != len(b) or any(None not in (m, n) and m != n for m, n in zip(a, b, strict=True)):
        return None
    return tuple(n if m is None else m for m, n in zip(a, b, strict=True))


def _added(asked: Asked) -> Shape:
    total: Dims | None = asked.dims[0]
    for dims in asked.dims[1:]:
        total = None if total is None else _merged(total, dims)
    return total


def _biased(asked: Asked) -> Shape:
    if len(asked.dims) != 2 or not asked.is_nhwc() or len(asked.dims[0]) < 2 or len(asked.dims[1]) != 1:
        return None
    last = _merged(asked.dims[0][-1:], asked.dims[1])
    return None if last is None else (*asked.dims[0][:-1], *last)


def _product(asked: Asked) -> Shape:
    if len(asked.dims) != 2 or min(map(len, asked.dims)) < 2:
        return None
    a, b = asked.dims
    if asked.node.op == "MatMul":
        if len(a) != 2 or len(b) != 2:
            return None
        first, second = asked.node.attrs.get("transpose_a"), asked.node.attrs.get("transpose_b")
    else:
        first, second = asked.node.attrs.get("adj_x"), asked.node.attrs.get("adj_y")
    rows, inner = (a[-1], a[-2]) if first else (a[-2], a[-1])
    inner_too, columns = (b[-1], b[-2]) if second else (b[-2], b[-1])
    before = spread(a[:-2], b[:-2])
    if before is None or _merged((inner,), (inner_too,)) is None:
        return None
    return (*before, rows, columns)


def _transposed(asked: Asked) -> Shape:
    dims = asked.dims[0]
    order = asked.axes(1, len(dims)) if len(asked.dims[1]) == 1 else None
    return tuple(dims[i] for i in order) if order is not None and sorted(order) == list(range(len(dims))) else None


def _reshaped(asked: Asked) -> Shape:
    dims, wanted = asked.dims[0], asked.held(1)
    if (
        wanted is None
        or len(asked.dims[1]) != 1
        or wanted.count(-1) > 1
        or any(n is not None and n < -1 for n in wanted)
    ):
        return None
    found: list[int | None] = [None if n == -1 else n for n in wanted]
    open_ = dims.count(None)
    there = math.prod(n for n in dims if n is not None)
    told = math.prod(n for n in found if n is not None)
    if there == 0 or told == 0:
        return None  # what a -1 is then is another matter
    if open_ > 1 or found.count(None) > 1:
        return tuple(found)
    if None not in found:
        fits = told % there == 0 if open_ else there == told
        return tuple(found) if fits else None
    if open_:
        return tuple(found)
    return None if there % told else tuple(there // told if n is None else n for n in found)


def _reduced(asked: Asked) -> Shape:
    dims = asked.dims[0]
    axes = asked.axes(1, len(dims)) if len(asked.dims[1]) < 2 else None
    if axes is None or len(set(axes)) < len(axes):
        return None
    if asked.node.attrs.get("keep_dims"):
        return tuple(1 if i in axes else n for i, n in enumerate(dims))
    return tuple(n for i, n in enumerate(dims) if i not in axes)


def _expanded(asked: Asked) -> Shape:
    dims = asked.dims[0]
    axes = asked.axes(1, len(dims) + 1)
    return (*dims[: axes[0]], 1, *dims[axes[0] :]) if axes is not None and len(axes) == 1 else None


def _squeezed(asked: Asked) -> Shape:
    dims, gone = asked.dims[0], asked.node.attrs.get("squeeze_dims")
    if not isinstance(gone, tuple) or not gone:
        return None
    places = {n % len(dims) for n in gone if isinstance(n, int) and -len(dims) <= n < len(dims)}
    if len(places) < len(gone) or any(dims[place] not in (1, None) for place in places):
        return None
    return tuple(n for i, n in enumerate(dims) if i not in places)


def _joined(asked: Asked) -> Shape:
    parts = asked.dims[:-1]
    axes = asked.axes(len(parts), len(parts[0])) if parts else None
    if axes is None or len(axes) != 1 or any(len(part) != len(parts[0]) for part in parts):
        return None
    (at,) = axes
    others: Dims | None = (*parts[0][:at], *parts[0][at + 1 :])
    for part in parts[1:]:
        others = None if others is None else _merged(others, (*part[:at], *part[at + 1 :]))
    if others is None:
        return None
    sizes = [part[at] for part in parts]
    total = None if None in sizes else sum(n for n in sizes if n is not None)
    return (*others[:at], total, *others[at:])


def _padded(asked: Asked) -> Shape:
    dims, around = asked.dims[0], asked.ints(1)
    if around is None or asked.dims[1] != (len(dims), 2) or min(around, default=0) < 0:
        return None
    return tuple(None if n is None else n + around[2 * i] + around[2 * i + 1] for i, n in enumerate(dims))


def _convolved(asked: Asked) -> Shape:
    if len(asked.dims) != 2 or not asked.is_nhwc() or [len(each) for each in asked.dims] != [4, 4]:
        return None
    image, kernel = asked.dims
    height, width, read, made = kernel
    if None in kernel or image[3] is None or height is None or width is None or read is None or made is None:
        return None
    deep = asked.node.op == "DepthwiseConv2dNative"
    if image[3] != read or not read or not made:
        return None  # groups, too
    windows = _windows(asked, image[1:3], (height, width), dilated=True)
    return None if windows is None else (image[0], *windows, read * made if deep else made)


def _pooled(asked: Asked) -> Shape:
    taps = asked.numbers("ksize", 4)
    if len(asked.dims) != 1 or len(asked.dims[0]) != 4 or taps is None or taps[0] != 1 or taps[3] != 1:
        return None
    image = asked.dims[0]
    windows = _windows(asked, image[1:3], taps[1:3], dilated=False) if asked.is_nhwc() else None
    return None if windows is None else (image[0], *windows, image[3])


def _windows(asked: Asked, sizes: Dims, taps: Sequence[int], *, dilated: bool) -> Dims | None:
    """At how many places along height and width a window stops."""
    strides = asked.numbers("strides", 4)
    apart = asked.numbers("dilations", 4) if dilated else [1, 1, 1, 1]
    padding = asked.node.attrs.get("padding")
    around = asked.numbers("explicit_paddings", 8) if padding == b"EXPLICIT" else [0] * 8
    if strides is None or apart is None or around is None or padding not in (b"SAME", b"VALID", b"EXPLICIT"):
        return None
    if min(strides) < 1 or min(apart) < 1 or min(around) < 0 or min(taps) < 1 or strides[0] != 1 or strides[3] != 1:
        return None
    found: list[int | None] = []
    for axis, (n, k) in enumerate(zip(sizes, taps, strict=True), 1):
        if n is None:
            found.append(None)
            continue
        if padding == b"SAME":
            found.append(-(-n // strides[axis]))
            continue
        room = n + around[2 * axis] + around[2 * axis + 1] - ((k - 1) * apart[axis] + 1)
        if room < 0:
            return None
        found.append(room // strides[axis] + 1)
    return tuple(found)


def _normed(asked: Asked) -> Shape:
    if len(asked.dims) != 5 or asked.node.attrs.get("is_training") is not False or not asked.is_nhwc():
        return None
    image = asked.dims[0]
    if len(image) != 4 or image[3] is None or any(each != image[3:] for each in asked.dims[1:]):
        return None
    return image


def _of_norm(known: Sequence[TensorType], shape: Dims) -> list[TensorType] | None:
    statistics = known[1].dtype
    if any(each.dtype != statistics for each in known[1:]) or known[0].dtype != statistics:
        return None
    vector = TensorType(dtype=statistics, shape=shape[3:])
    return [TensorType(dtype=known[0].dtype, shape=shape), *[vector] * 4, TensorType(dtype=statistics, shape=None)]


def _sizes(asked: Asked) -> Shape:
    return (len(asked.dims[0]),)


def _packed(asked: Asked) -> Shape:
    each, at = _added(asked), asked.node.attrs.get("axis", 0)
    if each is None or not isinstance(at, int) or not -len(each) - 1 <= at <= len(each):
        return None
    at %= len(each) + 1
    return (*each[:at], len(asked.dims), *each[at:])


def _gathered(asked: Asked) -> Shape:
    axes = asked.axes(2, len(asked.dims[0])) if len(asked.dims) == 3 else None
    if axes is None or len(axes) != 1 or asked.node.attrs.get("batch_dims", 0):
        return None
    (at,) = axes
    return (*asked.dims[0][:at], *asked.dims[1], *asked.dims[0][at + 1 :])


def _cut(asked: Asked) -> Shape:
    dims, attrs = asked.dims[0], asked.node.attrs
    begin, end, steps = asked.ints(1), asked.ints(2), asked.ints(3)
    if begin is None or len(begin) > len(dims):
        return None
    found: list[int | None] = list(dims)
    for at in range(len(begin)):
        size = dims[at]
        if size is None:
            return None  # what is left of an open size is another matter
        places = cut_of(attrs, at, size, begin, end, steps)
        if places is None:
            return None
        found[at] = len(places)
    return tuple(n for at, n in enumerate(found) if at >= len(begin) or not is_masked(attrs, "shrink_axis_mask", at))


def _summed(asked: Asked) -> Shape:
    equation = asked.node.attrs.get("equation")
    if not isinstance(equation, bytes) or b"." in equation or b"->" not in equation:
        return None
    given, _, made = equation.decode().partition("->")
    sizes: dict[str, int | None] = {}
    labels = given.split(",")
    if [len(each) for each in labels] != [len(each) for each in asked.dims]:
        return None
    for label, size in zip("".join(labels), (n for dims in asked.dims for n in dims), strict=True):
        merged = _merged((sizes.get(label),), (size,))
        if merged is None:
            return None
        (sizes[label],) = merged
    return tuple(sizes[label] for label in made) if set(made) <= sizes.keys() else None


_COMPARING = frozenset({"Greater", "GreaterEqual", "Less", "LessEqual"})
_BROADCASTING = _COMPARING | {
    "Add", "AddV2", "Div", "FloorDiv", "FloorMod", "Maximum", "Minimum", "Mul", "Pow", "RealDiv", "SquaredDifference", "Sub",
}  # fmt: skip
_UNARY = frozenset(
    {
        "Abs", "Ceil", "Cos", "Elu", "Erf", "Erfc", "Exp", "Expm1", "Floor", "Identity", "LeakyRelu", "Log", "Log1p", "Neg",
        "Reciprocal", "Relu", "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt",
        "Square", "Tanh",
    }
)  # fmt: skip
_NORMS = frozenset({"FusedBatchNormV3"})
_SAME_DTYPES = _BROADCASTING | {
    "AddN", "BatchMatMulV2", "BiasAdd", "Conv2D", "DepthwiseConv2dNative", "Einsum", "MatMul", "Pack",
}  # fmt: skip
"""All whose inputs have one dtype."""

_DTYPE_READ = {"Cast": "SrcT", "GatherV2": "Tparams"}
"""The attribute that names the dtype of the first input, where it isn't ``T``."""

_DTYPE_MADE = {"Cast": "DstT", "Shape": "out_type"}
"""The attribute that names the dtype of the result, where it isn't the first input's."""

SHAPES: dict[str, Callable[[Asked], Shape]] = {
    **dict.fromkeys(sorted(_UNARY), _same),
    **dict.fromkeys(sorted(_BROADCASTING), _binary),
    **dict.fromkeys(("LogSoftmax", "Softmax"), _rows),
    **dict.fromkeys(("Max", "Mean", "Min", "Prod", "Sum"), _reduced),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _convolved),
    **dict.fromkeys(("AvgPool", "MaxPool"), _pooled),
    **dict.fromkeys(("BatchMatMulV2", "MatMul"), _product),
    **dict.fromkeys(sorted(_NORMS), _normed),
    "AddN": _added,
    "BiasAdd": _biased,
    "Cast": _same,
    "ConcatV2": _joined,
    "Einsum": _summed,
    "ExpandDims": _expanded,
    "GatherV2": _gathered,
    "Pack": _packed,
    "Pad": _padded,
    "Reshape": _reshaped,
    "Shape": _sizes,
    "Squeeze": _squeezed,
    "StridedSlice": _cut,
    "Transpose": _transposed,
}
"""By op."""
