"""What is reckoned of types without TensorFlow is what TensorFlow infers, op by op; and what is odd is left to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, Node, Shape, ShapeAttr
from tfjsci.graph.graphdef import infer_in_tensorflow
from tfjsci.graph.plain_shapes import SHAPES
from tfjsci.graph.plain_types import all_plain, plain_types
from tfjsci.graph.tensorflow import tensorflow

pytestmark = pytest.mark.tensorflow

FLOAT, INT = DType("float32"), DType("int32")
IMAGE = ((None, 6, 5, 8), (2, None, 5, 8), (None, None, None, 8), (2, 7, 9, 8), (0, 6, 5, 8))
BY_OP = sorted(SHAPES)
"""Every op that is reckoned."""


def shapes_of(rank: int) -> Iterator[tuple[int | None, ...]]:
    """Of that rank, of sizes that are open, none, one, and more."""
    yield from itertools.product((None, 0, 1, 3), repeat=rank)


class Cases:
    """Nodes of one op on float Placeholders and int constants, all in one graph."""

    def __init__(self, op: str) -> None:
        self.op, self.draft, self.count = op, Draft(), 0

    def add(self, *inputs: Shape | Sequence[int] | int | Any, **attrs: Any) -> None:
        """A tuple is the shape of a Placeholder, a list or an int a constant."""
        self.count += 1
        names = [self._input(f"{self.count}/{i}", each) for i, each in enumerate(inputs)]
        self.draft.op(self.op, f"{self.count}/y", *names, **{"T": FLOAT, **attrs})

    def _input(self, name: str, given: Any) -> str:
        if isinstance(given, tuple):
            return self.draft.op("Placeholder", name, dtype=FLOAT, shape=ShapeAttr(given))
        return self.draft.const(name, np.array(given, np.int32))


def _unary(cases: Cases) -> None:
    for shape in (*shapes_of(1), *shapes_of(2), (None, 3, 5, 7)):
        cases.add(shape)


def _binary(cases: Cases) -> None:
    for a, b in itertools.product(
        (*shapes_of(1), *shapes_of(0), (None, 3), (4, 1)), (*shapes_of(1), (None, 1), (4, 3))
    ):
        cases.add(a, b)


def _reduction(cases: Cases) -> None:
    for keep in (False, True):
        for axes in (0, [1], [-1], [0, 2], [-2, 0], []):
            cases.add((None, 4, 3), axes, keep_dims=keep, Tidx=INT)


def _convolution(cases: Cases) -> None:
    for image, strides, apart, padding in itertools.product(IMAGE, (1, 2), (1, 2), (b"SAME", b"VALID", b"EXPLICIT")):
        around = (0, 0, 2, 1, 0, 3, 0, 0) if padding == b"EXPLICIT" else ()
        attrs = {"strides": (1, strides, strides, 1), "dilations": (1, apart, apart, 1), "data_format": b"NHWC"}
        cases.add(image, (3, 2, 8, 4), padding=padding, explicit_paddings=around, **attrs)


def _pool(cases: Cases) -> None:
    for image, strides, padding in itertools.product(IMAGE, (1, 2), (b"SAME", b"VALID")):
        attrs = {"strides": (1, strides, strides, 1), "ksize": (1, 3, 2, 1), "data_format": b"NHWC"}
        cases.add(image, padding=padding, **attrs)


def _product(cases: Cases) -> None:
    names = ("transpose_a", "transpose_b") if cases.op == "MatMul" else ("adj_x", "adj_y")
    before: tuple[tuple[tuple[int | None, ...], tuple[int | None, ...]], ...] = (((), ()),)
    if cases.op != "MatMul":
        before += (((None, 2), (5, 2)), ((1,), (None,)), ((None,), ()), ((4, 1), (3,)))
    for (a, b), first, second in itertools.product(before, (False, True), (False, True)):
        for rows, inner, columns in ((None, 6, 7), (4, None, 7), (4, 6, None)):
            left, right = (inner, rows) if first else (rows, inner), (columns, 6) if second else (6, columns)
            cases.add((*a, *left), (*b, *right), **{names[0]: first, names[1]: second})


def _reshape(cases: Cases) -> None:
    for shape, wanted in itertools.product(
        ((None, 4, 3), (2, 4, 3), (None, None, 3), (0, 4, 3), (None, 0, 3)),
        ([-1, 12], [2, 12], [-1], [6, -1, 2], [-1, 4, 3], [24], [2, -1, 0], [0, 4, 3]),
    ):
        cases.add(shape, wanted, Tshape=INT)


def _transpose(cases: Cases) -> None:
    for order in itertools.permutations(range(3)):
        cases.add((None, 4, 3), list(order), Tperm=INT)


def _expand(cases: Cases) -> None:
    for axis in (0, 1, 2, -1, -3, [1]):
        cases.add((None, 4), axis, Tdim=INT)


def _squeeze(cases: Cases) -> None:
    for gone in ((0,), (1,), (-1,), (0, -1)):
        cases.add((None, 1, 3, 1), squeeze_dims=gone)


def _joined(cases: Cases) -> None:
    for a, b in itertools.product(((None, 4, 3), (2, None, 3)), repeat=2):
        for axis in (0, 1, -1):
            cases.add(a, b, axis, N=2, Tidx=INT)


def _added(cases: Cases) -> None:
    for a, b in itertools.product(((None, 4, 3), (2, None, 3), (2, 4, None)), repeat=2):
        cases.add(a, b, (None, None, None), N=3)


def _biased(cases: Cases) -> None:
    for shape, bias in itertools.product(((None, 4), (2, None), (None, 5, 3, 4)), ((4,), (None,))):
        cases.add(shape, bias, data_format=b"NHWC")


def _padded(cases: Cases) -> None:
    for around in ([[0, 0], [1, 2]], [[3, 0], [0, 0]]):
        for shape in shapes_of(2):
            cases.add(shape, around, Tpaddings=INT)


def _normed(cases: Cases) -> None:
    for image in IMAGE:
        attrs: dict[str, Any] = {"epsilon": 0.01, "data_format": b"NHWC", "is_training": False, "U": FLOAT}
        cases.add(image, *[(8,)] * 4, **attrs)


def _cast(cases: Cases) -> None:
    for shape in shapes_of(2):
        for name in ("int32", "float64", "bool"):
            cases.add(shape, SrcT=FLOAT, DstT=DType(name), Truncate=False)


def _sizes(cases: Cases) -> None:
    for shape in (*shapes_of(0), *shapes_of(2)):
        for dtype in (INT, DType("int64")):
            cases.add(shape, out_type=dtype)


def _packed(cases: Cases) -> None:
    for a, b in itertools.product(((None, 4), (2, None), (2, 4)), repeat=2):
        for axis in (0, 1, 2, -1, -2):
            cases.add(a, b, N=2, axis=axis)


def _gathered(cases: Cases) -> None:
    for shape, places in itertools.product(((None, 4), (3, 4), (3, None, 5)), (0, [1], [1, 0, 1], [[0, 1], [1, 0]])):
        for axis in (0, 1, -1):
            cases.add(shape, places, axis, Tparams=FLOAT, Tindices=INT, Taxis=INT, batch_dims=0)


def _cut(cases: Cases) -> None:
    for shape in ((5, 4), (5, 4, 3), (5, None), (1, 4)):
        for (begin, end), step in itertools.product(
            (([1], [3]), ([-2], [9]), ([0], [0]), ([3], [1]), ([-1], [0])), (1, 2, -1)
        ):
            for masks in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1)):
                names = ("begin_mask", "end_mask", "shrink_axis_mask")
                attrs = dict(zip(names, masks, strict=True)) | {"ellipsis_mask": 0, "new_axis_mask": 0}
                cases.add(shape, begin, end, [step], Index=INT, **attrs)
    attrs = {"begin_mask": 1, "end_mask": 2, "shrink_axis_mask": 4, "ellipsis_mask": 0, "new_axis_mask": 0}
    cases.add((5, 4, 3), [1, 1, 2], [4, 2, 0], [2, 1, 1], Index=INT, **attrs)


def _summed(cases: Cases) -> None:
    for a, b in itertools.product(((None, 4, 3), (2, 4, 3)), ((3, 5), (None, 5), (3, None))):
        for equation in (b"abc,cd->abd", b"abc,cd->dba", b"abc,cd->a"):
            cases.add(a, b, equation=equation, N=2)


MAKERS: dict[str, Callable[[Cases], None]] = {
    **dict.fromkeys(("Max", "Mean", "Min", "Prod", "Sum"), _reduction),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _convolution),
    **dict.fromkeys(("AvgPool", "MaxPool"), _pool),
    **dict.fromkeys(("BatchMatMulV2", "MatMul"), _product),
    "AddN": _added,
    "BiasAdd": _biased,
    "Cast": _cast,
    "ConcatV2": _joined,
    "Einsum": _summed,
    "ExpandDims": _expand,
    "FusedBatchNormV3": _normed,
    "GatherV2": _gathered,
    "Pack": _packed,
    "Pad": _padded,
    "Reshape": _reshape,
    "Shape": _sizes,
    "Squeeze": _squeeze,
    "StridedSlice": _cut,
    "Transpose": _transpose,
}


def made(op: str) -> Cases:
    """The op's cases; elementwise ones by how many operands they have, which SHAPES tells by its function."""
    cases = Cases(op)
    default = _binary if SHAPES[op] is SHAPES["AddV2"] else _unary
    MAKERS.get(op, default)(cases)
    return cases


def one_by_one(graph: Graph) -> Iterator[Graph]:
    """A graph for each node that isn't an input, which TensorFlow may refuse by itself."""
    for node in graph.nodes:
        if node.op not in ("Const", "Placeholder"):
            inputs = tuple(graph[name] for name in node.reads)
            constants = {each.name: graph.constants[each.name] for each in inputs if each.op == "Const"}
            yield Graph(nodes=(*inputs, node), outputs=(node.name,), constants=constants)


@pytest.mark.parametrize("op", BY_OP)
def test_it_is_what_tensorflow_infers(op: str) -> None:
    """All that is told plainly at once; the rest is few."""
    cases = made(op)
    whole = cases.draft.graph()
    plain = [part for part in one_by_one(whole) if all_plain(part) is not None]
    nodes: dict[str, Node] = {node.name: node for part in plain for node in part.nodes}
    constants = {name: value for part in plain for name, value in part.constants.items()}
    graph = Graph(nodes=tuple(nodes.values()), outputs=(), constants=constants)
    assert all_plain(graph) == infer_in_tensorflow(graph)
    assert len(plain) > cases.count / 3, f"{len(plain)} of {cases.count}"


ODD: dict[str, Graph] = {}


def _odd(name: str, op: str, *inputs: Any, **attrs: Any) -> None:
    cases = Cases(op)
    cases.add(*inputs, **attrs)
    ODD[name] = cases.draft.graph("1/y")


_odd("sizes that don't meet", "AddV2", (None, 3), (4,))
_odd("a product that doesn't fit", "MatMul", (None, 3), (4, 5))
_odd("numbers that don't fit", "Reshape", (4, 3), [5, 2])
_odd("an axis that isn't there", "Mean", (4, 3), [2], Tidx=INT)
_odd("another dtype", "Relu", (4, 3), T=DType("float64"))
_odd("no dtype", "Relu", (4, 3), T=b"")
_odd("a size that stays", "Squeeze", (4, 3), squeeze_dims=(0,))
_odd("a window that is too large", "AvgPool", (1, 2, 2, 3), ksize=(1, 5, 5, 1), strides=(1, 1, 1, 1), padding=b"VALID")
_odd("channels that don't fit", "Conv2D", (1, 4, 4, 3), (3, 3, 5, 2), strides=(1, 1, 1, 1), padding=b"SAME")
_odd("a place that isn't there", "GatherV2", (4, 3), [0], [2], Tparams=FLOAT, Tindices=INT, Taxis=INT, batch_dims=0)
_odd("labels that don't meet", "Einsum", (4, 3), (5, 2), equation=b"ab,bc->ac", N=2)
_odd("parts that differ", "Pack", (4, 3), (5, 2), N=2, axis=0)
_odd("an op that isn't there", "NoSuchOp", (4, 3))


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_left_to_tensorflow(name: str) -> None:
    assert all_plain(ODD[name]) is None
    with pytest.raises((ValueError, TypeError, tensorflow().errors.OpError)):
        infer_in_tensorflow(ODD[name])


def _size_of(draft: Draft, shape: str, axis: int) -> str:
    """One size of a shape, as Keras reads it."""
    bounds = [
        draft.const(f"{shape}/{axis}/{what}", np.array([n], np.int32))
        for what, n in (("begin", axis), ("end", axis + 1), ("step", 1))
    ]
    masks = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 1}
    return draft.op("StridedSlice", f"{shape}/{axis}", shape, *bounds, T=INT, Index=INT, **masks)


@pytest.mark.parametrize("shape", [(None, 4, 6), (None, None, 6), (2, 4, 6)])
def test_a_shape_that_is_made_of_sizes(shape: tuple[int | None, ...]) -> None:
    draft = Draft()
    draft.input("x", shape)
    draft.op("Shape", "shape", "x", T=FLOAT, out_type=INT)
    sizes = [_size_of(draft, "shape", axis) for axis in range(3)]
    draft.op(
        "Pack", "wanted", sizes[0], sizes[1], draft.const("one", np.array(1, np.int32)), sizes[2], T=INT, N=4, axis=0
    )
    draft.op("Reshape", "y", "x", "wanted", T=FLOAT, Tshape=INT)
    graph = draft.graph("y")
    assert all_plain(graph) == infer_in_tensorflow(graph)


def test_sizes_that_are_gathered_and_multiplied() -> None:
    """As Keras' Dense on a sequence does: TensorFlow says less of it; nothing that it says is denied."""
    draft = Draft()
    draft.input("x", (None, 4, 6))
    draft.op("Shape", "shape", "x", T=FLOAT, out_type=INT)
    zero = draft.const("0", np.array(0, np.int32))
    draft.const("free", np.array([0, 1], np.int32))
    draft.op("GatherV2", "sizes", "shape", "free", zero, Tparams=INT, Tindices=INT, Taxis=INT, batch_dims=0)
    draft.op("Prod", "rows", "sizes", draft.const("axis", np.array([0], np.int32)), T=INT, Tidx=INT, keep_dims=False)
    draft.op("Pack", "wanted", "rows", draft.const("6", np.array(6, np.int32)), T=INT, N=2, axis=0)
    draft.op("Reshape", "flat", "x", "wanted", T=FLOAT, Tshape=INT)
    draft.op("ConcatV2", "back", "sizes", draft.const("end", np.array([6], np.int32)), zero, T=INT, Tidx=INT, N=2)
    draft.op("Reshape", "y", "flat", "back", T=FLOAT, Tshape=INT)
    graph = draft.graph("y")
    plain, inferred = all_plain(graph), infer_in_tensorflow(graph)
    assert plain is not None
    assert plain["flat"].shape == (None, 6)
    assert plain["y"].shape == (None, 4, 6)
    for tensor, known in inferred.items():
        assert plain[tensor].dtype == known.dtype
        assert known.shape is None or all(
            n in (None, m) for n, m in zip(known.shape, plain[tensor].shape or (), strict=True)
        ), tensor


def test_constants_and_inputs() -> None:
    draft = Draft()
    draft.input("x", (None, 3))
    draft.input("any")
    draft.const("w", np.ones((2, 300), np.float32))
    draft.const("text", np.array([b"a", b"bc"], object))
    draft.const("flag", np.array(True))
    draft.op("Identity", "y", "any", T=FLOAT)
    graph = draft.graph("x", "y")
    inputs = Graph(nodes=graph.nodes[:-1], outputs=(), constants=graph.constants)
    assert all_plain(inputs) == infer_in_tensorflow(inputs)
    # of an unknown rank nothing is told: TensorFlow is asked
    assert plain_types(graph, graph["y"], infer_in_tensorflow(graph).get) is None
