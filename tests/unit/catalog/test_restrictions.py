"""Each restriction beside its near misses: by cases that the conformance test runs in browsers, and by graphs that know less."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "browser"))

from op_cases import CANDIDATES, CASES, WRITTEN

from tfjsci.catalog.check import check_ops
from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions import RESTRICTIONS, Restriction
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, TensorType

NAMES = {case.name: case for case in CASES}


def refusing(name: str) -> tuple[Backend, ...]:
    """The backends on which the check refuses a case, in BACKENDS' order."""
    hit = {backend for found in check_ops(NAMES[name].graph, BACKENDS).unsupported for backend in found.backends}
    return tuple(backend for backend in BACKENDS if backend in hit)


EVERYWHERE = BACKENDS
GPU = ("webgl", "webgpu")


@pytest.mark.parametrize(
    ("near_miss", "passes_but_on", "refused", "on"),
    [
        ("Conv2D", (), "Conv2D/grouped", EVERYWHERE),
        ("Conv3D", (), "Conv3D/grouped", EVERYWHERE),
        ("Conv2D/strided", (), "Conv2D/strided-dilated", EVERYWHERE),
        ("Conv2D/dilated", (), "Conv2D/strided-dilated", EVERYWHERE),
        ("DepthwiseConv2dNative/dilated", (), "DepthwiseConv2dNative/strided-dilated", ("webgl", "cpu")),
        ("Conv2D/nchw", ("wasm",), "Conv2D/nchw-strided", EVERYWHERE),
        ("DepthwiseConv2dNative", (), "DepthwiseConv2dNative/nchw", ("webgl", "wasm", "cpu")),
        ("Conv2DBackpropInput/strided", (), "Conv2DBackpropInput/dilated", EVERYWHERE),
        ("Conv2DBackpropInput/explicit", (), "Conv2DBackpropInput/nchw", EVERYWHERE),
        ("BiasAdd/matrix", (), "BiasAdd/nchw", EVERYWHERE),
        ("MaxPool/same", (), "MaxPool/explicit", EVERYWHERE),
        ("MaxPool", (), "MaxPool/nchw", EVERYWHERE),
        ("AvgPool3D", (), "AvgPool3D/ncdhw", EVERYWHERE),
        ("MaxPoolWithArgmax/value", ("wasm",), "MaxPoolWithArgmax", ("webgl", "webgpu", "wasm")),
        ("FusedBatchNormV3", (), "FusedBatchNormV3/training", EVERYWHERE),
        ("FusedBatchNormV3", (), "FusedBatchNormV3/nchw", EVERYWHERE),
        ("DepthToSpace", (), "DepthToSpace/nchw", ("cpu",)),
        ("_FusedConv2D/sigmoid", (), "_FusedConv2D/tanh", EVERYWHERE),
        ("_FusedConv2D/noop-relu", (), "_FusedConv2D/no-bias", EVERYWHERE),
        ("_FusedConv2D", (), "_FusedConv2D/batch-norm", EVERYWHERE),
        ("_FusedConv2D/leakyrelu", (), "FusedDepthwiseConv2dNative/leakyrelu", EVERYWHERE),
        ("_FusedConv2D", (), "_FusedConv2D/bias-map", ("wasm",)),
        ("_FusedMatMul", (), "_FusedMatMul/bias-one", ("wasm",)),
        ("_FusedMatMul/bias-matrix", ("wasm",), "_FusedMatMul/bias-cube", EVERYWHERE),
        ("_FusedMatMul/matrices", ("wasm",), "_FusedMatMul/bias-cube", EVERYWHERE),
        ("_FusedMatMul/prelu", (), "_FusedMatMul/noop-prelu", EVERYWHERE),
        ("OneHot/last-axis", (), "OneHot/first-axis", EVERYWHERE),
        ("OneHot", (), "OneHot/float", ("wasm",)),
        ("Cumsum", (), "Cumsum/negative", EVERYWHERE),
        ("Cumprod/rank-4", (), "Cumprod/rank-5", GPU),
        ("Select/vector-vector", (), "Select/vector", EVERYWHERE),
        ("SelectV2/broadcast", (), "SelectV2/rank-5", GPU),
        ("MatrixBandPart/tridiagonal", (), "MatrixBandPart/lower", EVERYWHERE),
        ("MatrixBandPart/tridiagonal", (), "MatrixBandPart/bool", ("wasm",)),
        ("BatchMatMulV2/broadcast", (), "BatchMatMulV2/inside", EVERYWHERE),
        ("BatchMatMulV2/leading", (), "BatchMatMulV2/crosswise", EVERYWHERE),
        ("BatchMatMulV2/long-vector", (), "BatchMatMulV2/long-spread", ("webgl",)),
        ("BatchMatMulV2/long-matrix", (), "BatchMatMulV2/long-spread", ("webgl",)),
        ("_FusedMatMul", (), "_FusedMatMul/transposed", ("wasm",)),
        ("EuclideanNorm/two-axes", (), "EuclideanNorm/three-axes", EVERYWHERE),
        ("EuclideanNorm", (), "EuclideanNorm/int32", EVERYWHERE),
        ("ClipByValue", (), "ClipByValue/tensor-bounds", EVERYWHERE),
        ("ClipByValue", (), "ClipByValue/int32", ("wasm",)),
        ("RFFT", ("wasm",), "RFFT/cut", EVERYWHERE),
        ("IRFFT", ("wasm",), "IRFFT/odd", EVERYWHERE),
        ("GatherV2/batch-3d", (), "GatherV2/batch", ("wasm",)),
        ("StridedSlice", (), "StridedSlice/int32-steps", ("wasm",)),
        ("StridedSlice/rank-5-plain", (), "StridedSlice/rank-5", GPU),
        ("Pad/image", (), "Pad/rank-5", GPU),
        ("AddV2/rank-6", (), "AddV2/rank-7", ("webgl", "webgpu", "wasm")),
        ("Transpose/rank-6", (), "Transpose/rank-7", GPU),
        ("Tile", (), "Tile/rank-5", ("webgpu",)),
        ("BroadcastTo", (), "BroadcastTo/rank-5", ("webgpu",)),
        ("ReverseV2/negative", (), "ReverseV2/rank-5", ("webgl",)),
        ("DenseBincount/weights", (), "DenseBincount/binary", ("webgpu",)),
        ("NonMaxSuppressionV5", (), "NonMaxSuppressionV5/soft", EVERYWHERE),
        ("Div", (), "Div/int32", EVERYWHERE),
        ("FloorMod/int32", (), "Mod/int32", EVERYWHERE),
        ("FloorDiv/int32", (), "FloorDiv", ("webgl", "webgpu", "cpu")),
        ("Mean", (), "Mean/int32", EVERYWHERE),
        ("Sum/int32", (), "Mean/int32", EVERYWHERE),
        ("Sum", (), "Sum/nothing", GPU),
        ("Max", (), "Max/nothing", EVERYWHERE),
        ("All", (), "All/nothing", EVERYWHERE),
        ("Cast/bool-uint8", (), "Cast/int-uint8", EVERYWHERE),
        ("Cast/float-half", (), "Cast/float-bfloat16", EVERYWHERE),
        ("Cast/bool-int", (), "Cast/int-bool", ("wasm",)),
        ("SelectV2/int32", (), "SelectV2/bool", ("wasm",)),
        ("SparseFillEmptyRows", ("webgpu",), "SparseFillEmptyRows/dtype-bool", ("webgpu", "wasm")),
        ("MatMul", (), "MatMul/int32", ("wasm",)),
        ("BatchMatMulV2/broadcast", (), "BatchMatMulV2/int32", ("wasm",)),
        ("ResizeNearestNeighbor", (), "ResizeNearestNeighbor/int32", ("wasm",)),
        ("ImageProjectiveTransformV3/wrap-nearest", (), "ImageProjectiveTransformV3/reflect-nearest", ("wasm",)),
        ("Slice/string", (), "GatherV2/string", EVERYWHERE),
        ("Equal", (), "Equal/string", ("wasm",)),
        ("StridedSlice/string", (), "StridedSlice/string-steps", ("webgl", "webgpu", "wasm")),
        ("StaticRegexReplace", ("webgpu", "wasm"), "StaticRegexReplace/flag", EVERYWHERE),
        ("StaticRegexReplace", ("webgpu", "wasm"), "StaticRegexReplace/capital", EVERYWHERE),
        ("LookupTableFindV2", (), "LookupTableFindV2/matrix", EVERYWHERE),
        ("LookupTableFindV2/strings", (), "LookupTableFindV2/none", EVERYWHERE),
        ("LookupTableFindV2", (), "LookupTableFindV2/bytes", EVERYWHERE),
        ("StringNGrams", (), "StringNGrams/upper-pad", EVERYWHERE),
        ("Einsum/upper", ("wasm",), "Einsum/mixed-case", EVERYWHERE),
        ("Einsum/batch", ("wasm",), "Einsum/ellipsis", EVERYWHERE),
        ("Einsum/transpose", ("wasm",), "Einsum/trace", EVERYWHERE),
        ("Einsum/sum-second", ("wasm",), "Einsum/sum-one", EVERYWHERE),
        ("Shape", (), "ShapeN", EVERYWHERE),
        ("TensorListGetItem", (), "TensorListPopBack", EVERYWHERE),
        ("TensorListConcat", (), "TensorListConcatV2", EVERYWHERE),
        ("TensorListScatterV2", (), "TensorListSplit/ones", EVERYWHERE),
        ("TensorArraySplitV3/open-shape", (), "TensorArraySplitV3/unknown-shape", EVERYWHERE),
        ("Identity", (), "FakeQuantWithMinMaxVars", EVERYWHERE),
    ],
)
def test_refuses_one_and_lets_its_neighbour_pass(
    near_miss: str, passes_but_on: tuple[Backend, ...], refused: str, on: tuple[Backend, ...]
) -> None:
    assert refusing(near_miss) == passes_but_on
    assert refusing(refused) == on


def test_every_restriction_is_met_by_a_case_and_missed_by_another() -> None:
    """So that the conformance test holds each of them against the browser, on both sides."""
    for restriction in RESTRICTIONS:
        told = {
            restriction.reason(NodeView(case.graph, case.node)) is not None
            for case in (*WRITTEN, *CANDIDATES)
            if restriction.ops is None or case.op in restriction.ops
        }
        assert told == ({True} if restriction.when is None else {True, False}), restriction.says


@pytest.mark.parametrize("restriction", RESTRICTIONS, ids=lambda r: r.says)
def test_restriction_reads_as_a_sentence_and_says_what_to_do(restriction: Restriction) -> None:
    assert restriction.hint.endswith(".")
    assert not restriction.says.endswith(".")
    assert restriction.backends


def one(op: str, types: list[tuple[str, tuple[int | None, ...] | None] | None], **attrs: AttrValue) -> Graph:
    """The op on placeholders, of which only the given dtypes and shapes are known."""
    names = [f"in{i}" for i in range(len(types))]
    known = {n: TensorType(dtype=t[0], shape=t[1]) for n, t in zip(names, types, strict=True) if t}
    nodes = [Node(name=n, op="Placeholder") for n in names]
    node = Node(name="op", op=op, inputs=tuple(names), attrs=attrs)
    return Graph(nodes=(*nodes, node), outputs=("op",), types=known)


CONV: dict[str, AttrValue] = {"strides": (1, 1, 1, 1), "dilations": (1, 1, 1, 1), "data_format": b"NHWC"}


@pytest.mark.parametrize(
    "graph",
    [
        one("Conv2D", [None, None], **CONV),
        one("Conv2D", [("float32", None), ("float32", (3, 3, 3, 4))], **CONV),
        one("Conv2D", [("float32", (None, None, None, None)), ("float32", (3, 3, 3, 4))], **CONV),
        one("Select", [("bool", (4,)), None, None]),
        one("Select", [("bool", None), ("float32", (4, 4)), ("float32", (4, 4))]),
        one("Div", [None, None]),
        one("Mean", [None, ("int32", (1,))]),
        one("Cumsum", [("float32", (2, 3)), ("int32", ())]),
        one("RFFT", [("float32", (1, None)), ("int32", (1,))]),
        one("Pad", [("float32", None), None]),
        one("_FusedMatMul", [None, None, None], fused_ops=(b"BiasAdd",)),
        one("MatMul", [None, None]),
    ],
    ids=lambda graph: (
        f"{graph['op'].op} of {[graph.type_of(t) and graph.type_of(t).shape for t in graph['op'].inputs]}"
    ),
)
def test_what_is_not_known_counts_as_harmless(graph: Graph) -> None:
    assert check_ops(graph, ["webgl", "webgpu", "cpu"] if graph["op"].op == "RFFT" else BACKENDS).unsupported == ()


@pytest.mark.parametrize(
    "graph",
    [
        one("MatrixBandPart", [("float32", (3, 3)), ("int32", ()), ("int32", ())]),  # almost always a causal mask
        one("GatherV2", [("float32", (None, 3)), ("int32", (None, 2)), ("int32", ())], batch_dims=1),
        one("FusedBatchNormV3", [None] * 5, data_format=b"NHWC"),  # is_training is true by default
    ],
    ids=lambda graph: str(graph["op"].op),
)
def test_what_is_wrong_more_often_than_not_is_refused_unless_known_to_be_right(graph: Graph) -> None:
    assert check_ops(graph, ["wasm"]).unsupported != ()


def test_dtype_comes_from_the_attribute_where_it_was_not_inferred() -> None:
    assert check_ops(one("Div", [None, None], T=DType("int64")), ["cpu"]).unsupported != ()
    assert check_ops(one("Div", [None, None], T=DType("float32")), ["cpu"]).unsupported == ()


def test_a_constant_is_seen_through_an_identity() -> None:
    axis = Constant(value=np.array(-1, np.int32))
    nodes = (
        Node(name="x", op="Placeholder"),
        Node(name="axis", op="Const"),
        Node(name="same", op="Identity", inputs=("axis",)),
        Node(name="op", op="Cumsum", inputs=("x", "same")),
    )
    net = Graph(nodes=nodes, outputs=("op",), constants={"axis": axis})
    assert check_ops(net, ["cpu"]).unsupported != ()


def test_indices_of_a_pool_count_only_when_someone_reads_them() -> None:
    pool = Node(name="op", op="MaxPoolWithArgmax", inputs=("x",))
    reader = Node(name="r", op="Relu", inputs=("op:1",))
    values = Graph(nodes=(Node(name="x", op="Placeholder"), pool), outputs=("op",))
    indices = Graph(nodes=(Node(name="x", op="Placeholder"), pool, reader), outputs=("r",))
    assert check_ops(values, ["webgl"]).unsupported == ()
    assert check_ops(indices, ["webgl"]).unsupported != ()
