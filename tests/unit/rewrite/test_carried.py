"""Dtypes that the runtime can't name: floats become float32 before anything is lowered, integers int32 at the end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tfjsci.graph.graph import Constant, DType, FunctionBody, FunctionName, Graph, Node, ShapeAttr, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.carried import with_plain_floats, with_plain_integers


def placeholder(name: str, dtype: str) -> Node:
    return Node(name=name, op="Placeholder", attrs={"dtype": DType(dtype), "shape": ShapeAttr((2,))})


def cast(name: str, source: str, before: str, after: str) -> Node:
    return Node(name=name, op="Cast", inputs=(source,), attrs={"SrcT": DType(before), "DstT": DType(after)})


def mixed(policy: str) -> Graph:
    """x -> cast -> times a weight -> cast back."""
    half = DType(policy)
    return Graph(
        nodes=(
            placeholder("x", "float32"),
            cast("there", "x", "float32", policy),
            Node(name="w", op="Const", attrs={"dtype": half}),
            Node(name="y", op="Mul", inputs=("there", "w"), attrs={"T": half}),
            cast("back", "y", policy, "float32"),
        ),
        outputs=("back",),
        constants={"w": Constant(value=np.array([0.1, 2], np.float16), sources=("w",))},
        types={"y": TensorType(dtype=policy, shape=(2,)), "x": TensorType(dtype="float32", shape=(2,))},
    )


def test_every_other_float_becomes_float32() -> None:
    after = with_plain_floats(mixed("float16"))
    assert show(after) == "x = Placeholder()\ny = Mul(x, w)\n-> y"
    assert after["y"].attrs == {"T": DType("float32")}
    assert after.types["y"].dtype == "float32"
    weight = after.constants["w"]
    assert weight.value.dtype == np.float32
    assert weight.sources == ("w",)
    assert weight.value[0] == np.float16(0.1), "rounded as the original rounds it"


def test_a_list_of_dtypes_and_a_function_too() -> None:
    body = FunctionBody(name="f", inputs=("x",), graph=mixed("float64"))
    loop = Node(name="f", op="While", attrs={"T": (DType("float64"), DType("int32")), "body": FunctionName("f")})
    graph = Graph(nodes=(loop,), outputs=("f",), functions={"f": body})
    after = with_plain_floats(graph)
    assert after["f"].attrs["T"] == (DType("float32"), DType("int32"))
    inner = after.functions["f"]
    assert inner.inputs == ("x",)
    assert inner.graph["y"].attrs == {"T": DType("float32")}


def test_leaves_alone_a_graph_of_float32() -> None:
    graph = mixed("float32")
    assert with_plain_floats(replace(graph, constants={"w": Constant(value=np.float32([1, 2]))})).nodes == graph.nodes


def test_leaves_alone_a_graph_that_takes_bits() -> None:
    half = mixed("float16")
    bits = Node(name="bits", op="Bitcast", inputs=("y",), attrs={"T": DType("float16"), "type": DType("int16")})
    graph = replace(half, nodes=(*half.nodes, bits), outputs=("bits",))
    assert with_plain_floats(graph) == graph


def unsigned(source: str, op: str = "Mul", dtype: str = "uint32") -> Graph:
    """x -> cast to an integer without a name -> op -> cast to float32."""
    name = DType(dtype)
    known = TensorType(dtype=dtype, shape=(2,))
    return Graph(
        nodes=(
            placeholder("x", source),
            cast("there", "x", source, dtype),
            Node(name="y", op=op, inputs=("there", "there"), attrs={"T": name}),
            cast("back", "y", dtype, "float32"),
        ),
        outputs=("back",),
        types={"x": TensorType(dtype=source, shape=(2,)), "there": known, "y": known},
    )


@pytest.mark.parametrize("dtype", ["int16", "uint16", "uint32", "uint64"])
def test_an_integer_without_a_name_becomes_int32(dtype: str) -> None:
    after = with_plain_integers(unsigned("uint8", dtype=dtype))
    assert after["there"].attrs == {"SrcT": DType("uint8"), "DstT": DType("int32")}
    assert after["y"].attrs == {"T": DType("int32")}
    assert after.types["y"].dtype == "int32"


def test_not_one_that_may_have_been_negative() -> None:
    for graph in (unsigned("int32"), unsigned("uint8", op="Sub")):
        assert with_plain_integers(graph) == graph
    assert with_plain_integers(unsigned("int32", dtype="int16")) != unsigned("int32", dtype="int16")


def test_not_one_that_is_too_large_or_an_output() -> None:
    graph = replace(unsigned("uint8"), outputs=("y",))
    assert with_plain_integers(graph) == graph
    const = Node(name="w", op="Const", attrs={"dtype": DType("uint32")})
    large = replace(
        unsigned("uint8"),
        nodes=(*unsigned("uint8").nodes, const),
        outputs=("back", "w"),
        constants={"w": Constant(value=np.uint32([2**31]))},
    )
    assert with_plain_integers(large) == large
