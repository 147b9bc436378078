"""The way into TensorFlow's GraphDef and back loses nothing but weights, which never go in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import (
    AttrValue,
    Constant,
    DType,
    FunctionName,
    GraphError,
    ShapeAttr,
    TensorType,
)
from tfjsci.graph.graphdef import SMALL_BYTES, from_graphdef, infer_types, to_graphdef
from tfjsci.graph.show import show
from tfjsci.graph.tensorflow import tensorflow

ATTRIBUTES: dict[str, AttrValue] = {
    "true": True,
    "false": False,
    "int": -(2**40),
    "zero": 0,
    "float": 0.25,
    "infinite": float("inf"),
    "bytes": b"\xff\x00SAME",
    "empty_bytes": b"",
    "dtype": DType("bfloat16"),
    "resource": DType("resource"),
    "shape": ShapeAttr((None, 0, 3)),
    "scalar_shape": ShapeAttr(()),
    "unknown_rank": ShapeAttr(None),
    "function": FunctionName("body"),
    "bools": (True, False),
    "ints": (1, 0, -1),
    "floats": (0.5, 0.0),
    "strings": (b"BiasAdd", b"", b"Relu"),
    "dtypes": (DType("float32"), DType("string")),
    "shapes": (ShapeAttr((2,)), ShapeAttr(None), ShapeAttr((None,))),
    "functions": (FunctionName("then"), FunctionName("else")),
    "empty": (),
}


@pytest.mark.parametrize("key", ATTRIBUTES)
def test_each_kind_of_attribute_comes_back_as_it_was(key: str) -> None:
    draft = Draft()
    graph = draft.graph(draft.op("Anything", "n", **{key: ATTRIBUTES[key]}))
    graphdef = type(to_graphdef(graph)).FromString(to_graphdef(graph).SerializeToString())
    back = from_graphdef(graphdef, outputs=["n"])["n"].attrs[key]
    assert back == ATTRIBUTES[key]
    kinds = [type(item) for item in back] if isinstance(back, tuple) else [type(back)]
    wanted = ATTRIBUTES[key]
    assert kinds == ([type(item) for item in wanted] if isinstance(wanted, tuple) else [type(wanted)])  # True is 1


def test_inputs_control_edges_and_outputs_come_back() -> None:
    draft = Draft()
    draft.op("Split", "s", draft.input("x"))
    draft.op("NoOp", "wait")
    draft.op("Relu", "y", "s:2", control=("wait",))
    graph = draft.graph("y", "s:1")
    back = from_graphdef(to_graphdef(graph), outputs=graph.outputs)
    assert show(back, attrs=True) == show(graph, attrs=True)


def test_origins_are_given_by_name() -> None:
    draft = Draft()
    graphdef = to_graphdef(draft.graph(draft.op("Relu", "y", draft.input("x"))))
    back = from_graphdef(graphdef, outputs=["y:0"], origins={"y": ("relu",)})
    assert (back["y"].origin, back["x"].origin, back.outputs) == (("relu",), (), ("y",))


def test_private_attributes_stay_outside() -> None:
    draft = Draft()
    graphdef = to_graphdef(draft.graph(draft.op("Relu", "y", T=DType("float32"), _output_shapes=(ShapeAttr(None),))))
    assert dict(from_graphdef(graphdef, outputs=["y"])["y"].attrs) == {"T": DType("float32")}


def test_a_control_edge_to_a_node_that_is_gone_is_dropped() -> None:
    graphdef = tensorflow().compat.v1.GraphDef()
    graphdef.node.add(name="y", op="NoOp", input=["^gone"])
    assert from_graphdef(graphdef, outputs=["y"])["y"].control == ()


def test_an_input_that_is_gone_is_an_error() -> None:
    graphdef = tensorflow().compat.v1.GraphDef()
    graphdef.node.add(name="y", op="Relu", input=["gone"])
    with pytest.raises(GraphError, match="Relu 'y' reads 'gone'"):
        from_graphdef(graphdef, outputs=["y"])


class TestConstants:
    @pytest.mark.parametrize(
        "value",
        [
            np.array([[1.5, -2.0]], np.float32),
            np.array([1.5], np.float16),
            np.array(2**40),
            np.zeros((0, 3), np.float32),
            np.full((4, 5), 7, np.int32),  # a protobuf may hold a repeated value once
            np.array(True),
            np.array([1 + 2j], np.complex64),
        ],
    )
    def test_a_small_one_comes_back_as_it_was(self, value: Any) -> None:
        draft = Draft()
        draft.constants["c"] = Constant(value=value)
        graph = draft.graph(draft.op("Const", "c"))
        back = from_graphdef(to_graphdef(graph), outputs=["c"]).constants["c"].value
        np.testing.assert_array_equal(back, value)
        assert (back.dtype, back.shape) == (value.dtype, value.shape)

    def test_strings_come_back_as_bytes(self) -> None:
        draft = Draft()
        graph = draft.graph(draft.const("c", np.array([b"a\x00", "é", b""], dtype=object)))
        back = from_graphdef(to_graphdef(graph), outputs=["c"]).constants["c"].value
        assert back.tolist() == [b"a\x00", "é".encode(), b""]

    def test_bfloat16_comes_back(self) -> None:
        tf = tensorflow()
        draft = Draft()
        draft.constants["c"] = Constant(value=np.array([1.5, 3e38]).astype(tf.bfloat16.as_numpy_dtype))
        back = from_graphdef(to_graphdef(draft.graph(draft.op("Const", "c"))), outputs=["c"])
        assert back.type_of("c") == TensorType(dtype="bfloat16", shape=(2,))
        assert back.constants["c"].value.astype(float)[0] == 1.5

    def test_one_at_the_limit_is_in_the_graphdef(self) -> None:
        (node,) = to_graphdef(self.of_floats(SMALL_BYTES // 4)).node
        assert node.op == "Const"

    def test_one_beyond_it_is_a_placeholder_of_its_dtype_and_shape(self) -> None:
        graphdef = to_graphdef(self.of_floats(SMALL_BYTES // 4 + 1))
        (node,) = graphdef.node
        assert (node.op, [d.size for d in node.attr["shape"].shape.dim]) == ("Placeholder", [SMALL_BYTES // 4 + 1])
        assert node.attr["dtype"].type == tensorflow().float32.as_datatype_enum
        assert graphdef.ByteSize() < 200

    def test_all_are_in_it_when_asked_for(self) -> None:
        (node,) = to_graphdef(self.of_floats(SMALL_BYTES), keep_bytes=None).node
        assert node.op == "Const"

    def test_a_placeholder_that_stands_for_a_weight_becomes_its_const(self) -> None:
        draft = Draft()
        graphdef = to_graphdef(draft.graph(draft.op("Relu", "y", draft.input("w", (2,)))))
        weight = Constant(value=np.ones(2, np.float32), sources=("layer/w",))
        back = from_graphdef(graphdef, outputs=["y"], weights={"w": weight})
        assert (show(back), back.constants["w"]) == ("y = Relu(w)\n-> y", weight)
        assert dict(back["w"].attrs) == {"dtype": DType("float32")}

    def test_nothing_else_can_stand_for_one(self) -> None:
        draft = Draft()
        graphdef = to_graphdef(draft.graph(draft.op("Relu", "w", draft.input("x"))))
        with pytest.raises(GraphError, match="the weight 'w' is a Relu, not a Placeholder"):
            from_graphdef(graphdef, outputs=["w"], weights={"w": Constant(value=np.ones(2))})

    @staticmethod
    def of_floats(count: int) -> Any:
        draft = Draft()
        return draft.graph(draft.const("c", np.ones(count)))


class TestInferTypes:
    def test_of_every_output_of_every_node(self) -> None:
        draft = Draft()
        x = draft.input("x", (None, 4))
        draft.op("TopKV2", "top", x, draft.const("k", np.array(3, np.int32)), T=DType("float32"), sorted=True)
        found = infer_types(draft.graph("top", "top:1"))
        assert found == {
            "x": TensorType(dtype="float32", shape=(None, 4)),
            "k": TensorType(dtype="int32", shape=()),
            "top": TensorType(dtype="float32", shape=(None, 3)),
            "top:1": TensorType(dtype="int32", shape=(None, 3)),
        }

    def test_an_unknown_rank_stays_unknown(self) -> None:
        draft = Draft()
        found = infer_types(draft.graph(draft.typed("Relu", "y", draft.input("x"))))
        assert found["y"] == TensorType(dtype="float32", shape=None)

    def test_from_a_weight_that_is_not_in_the_graphdef(self) -> None:
        draft = Draft()
        y = draft.matmul("y", draft.input("x", (None, 3)), draft.const("w", np.ones((3, 500))))
        assert infer_types(draft.graph(y))["y"] == TensorType(dtype="float32", shape=(None, 500))
