"""The JSON of a graph, attribute by attribute, as protobuf's mapping and the runtime's reader have it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.format.topology import DATA_TYPES, PRODUCER, shape_json, topology
from tfjsci.graph.graph import AttrValue, DType, FunctionName, ShapeAttr


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (True, {"b": True}),
        (False, {"b": False}),
        (3, {"i": "3"}),
        (-(2**62), {"i": "-4611686018427387904"}),  # a JSON number would lose digits
        (0.5, {"f": 0.5}),
        (0.0, {"f": 0.0}),
        (float("nan"), {"f": "NaN"}),
        (float("inf"), {"f": "Infinity"}),
        (float("-inf"), {"f": "-Infinity"}),
        (b"SAME", {"s": "U0FNRQ=="}),
        (b"", {"s": ""}),
        (b"\xff\x00", {"s": "/wA="}),
        (DType("float32"), {"type": "DT_FLOAT"}),
        (DType("resource"), {"type": "DT_RESOURCE"}),
        (FunctionName("body"), {"func": {"name": "body"}}),
        (ShapeAttr(()), {"shape": {"dim": []}}),
        (ShapeAttr((None, 0, 3)), {"shape": {"dim": [{"size": "-1"}, {"size": "0"}, {"size": "3"}]}}),
        (ShapeAttr(None), {"shape": {"unknownRank": True}}),
        ((), {"list": {}}),
        ((1, 2), {"list": {"i": ["1", "2"]}}),
        ((True, False), {"list": {"b": [True, False]}}),
        ((0.5, float("inf")), {"list": {"f": [0.5, "Infinity"]}}),
        ((b"BiasAdd", b"Relu"), {"list": {"s": ["Qmlhc0FkZA==", "UmVsdQ=="]}}),
        ((DType("int64"), DType("bool")), {"list": {"type": ["DT_INT64", "DT_BOOL"]}}),
        ((ShapeAttr((2,)), ShapeAttr(None)), {"list": {"shape": [{"dim": [{"size": "2"}]}, {"unknownRank": True}]}}),
        ((FunctionName("a"),), {"list": {"func": [{"name": "a"}]}}),
    ],
)
def test_each_kind_of_attribute(value: AttrValue, wanted: object) -> None:
    draft = Draft()
    (node,) = topology(draft.graph(draft.op("Op", "n", key=value)))["node"]
    assert node == {"name": "n", "op": "Op", "attr": {"key": wanted}}
    assert type(node["attr"]["key"]) is dict
    json.dumps(node, allow_nan=False)


def test_a_const_tells_dtype_and_shape_and_no_data() -> None:
    draft = Draft()
    graph = draft.graph(draft.const("c", np.zeros((0, 2), np.int32)))
    tensor = {"dtype": "DT_INT32", "tensorShape": {"dim": [{"size": "0"}, {"size": "2"}]}}
    assert topology(graph)["node"] == [
        {"name": "c", "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}, "value": {"tensor": tensor}}}
    ]


def test_a_string_const() -> None:
    draft = Draft()
    (node,) = topology(draft.graph(draft.const("c", np.array([b"a"], dtype=object))))["node"]
    assert node["attr"]["dtype"] == {"type": "DT_STRING"}


def test_nodes_come_in_order_with_their_inputs() -> None:
    draft = Draft()
    draft.op("AddV2", "y", draft.input("x"), "s:1", b=1, a=2)
    draft.op("Split", "s", "x")
    found = topology(draft.graph("y"))
    assert [(node["name"], node.get("input")) for node in found["node"]] == [
        ("x", None),
        ("s", ["x"]),
        ("y", ["x", "s:1"]),
    ]
    assert list(found["node"][-1]["attr"]) == ["a", "b"]  # sorted, so that the same graph gives the same bytes
    assert found["versions"] == {"producer": PRODUCER}


def test_a_size_of_0_is_written_out() -> None:
    """protobuf's own JSON would omit it, and the runtime read NaN."""
    assert shape_json((0,)) == {"dim": [{"size": "0"}]}


def test_every_dtype_that_the_runtime_carries_has_a_name() -> None:
    assert set(RUNTIME_DTYPE) <= set(DATA_TYPES)
