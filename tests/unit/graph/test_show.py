"""The text form: what golden tests are written in."""

from __future__ import annotations

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import Constant, DType, FunctionBody, FunctionName, Graph, Node, ShapeAttr
from tfjsci.graph.show import show, show_attr


def prelu() -> Graph:
    draft = Draft()
    y = draft.typed("Prelu", "y", draft.input("x", (None, 2)), draft.const("y/alpha", [0.5, 0.25], sources=("a", "b")))
    return draft.graph(y)


def test_one_line_a_node_and_the_outputs_last() -> None:
    assert show(prelu()) == "x = Placeholder()\ny = Prelu(x, y/alpha)\n-> y"


def test_attributes_when_asked_for() -> None:
    assert show(prelu(), attrs=True) == (
        "x = Placeholder() {dtype=float32, shape=[?, 2]}\ny = Prelu(x, y/alpha) {T=float32}\n-> y"
    )


def test_constants_when_asked_for() -> None:
    assert show(prelu(), constants=True) == (
        "x = Placeholder()\ny/alpha = Const(float32[2] from a, b)\ny = Prelu(x, y/alpha)\n-> y"
    )


def test_a_literal_is_made_of_nothing() -> None:
    graph = Graph(nodes=(Node(name="c", op="Const"),), outputs=("c",), constants={"c": Constant(value=np.zeros(()))})
    assert show(graph, constants=True) == "c = Const(float64[])\n-> c"


def test_control_edges_and_second_outputs() -> None:
    draft = Draft()
    split = draft.op("Split", "s", draft.input("x"))
    draft.op("Relu", "y", f"{split}:1", control=("s",))
    assert show(draft.graph("y", "s:2")) == "x = Placeholder()\ns = Split(x)\ny = Relu(s:1, ^s)\n-> y, s:2"


def test_functions_come_after_indented() -> None:
    body = FunctionBody(name="f", inputs=("x",), graph=prelu())
    graph = Graph(nodes=(), outputs=(), functions={"f": body})
    assert show(graph) == "-> \n\nf(x):\n  x = Placeholder()\n  y = Prelu(x, y/alpha)\n  -> y"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (3, "3"),
        (0.001, "0.001"),
        (float("inf"), "inf"),
        (b"SAME", "SAME"),
        (b"\xff", "\\xff"),
        (DType("int32"), "int32"),
        (FunctionName("body"), "body"),
        (ShapeAttr(None), "[...]"),
        (ShapeAttr((None, 0, 3)), "[?, 0, 3]"),
        ((), "[]"),
        ((1, 2), "[1, 2]"),
        ((b"BiasAdd", b"Relu"), "[BiasAdd, Relu]"),
    ],
)
def test_each_kind_of_attribute(value: object, text: str) -> None:
    assert show_attr(value) == text  # type: ignore[arg-type]
