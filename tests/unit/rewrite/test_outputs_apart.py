"""Outputs that share a node, or are inputs or weights, become nodes of their own; others stay as they are."""

from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.outputs_apart import with_outputs_apart

FLOAT = TensorType(dtype="float32", shape=(2,))


def graph(*outputs: str) -> Graph:
    draft = Draft()
    draft.input("x")
    draft.const("w", [1.0, 2.0])
    draft.op("Split", "parts", "x", num_split=2)
    draft.op("Add", "y", "x", "w")
    return draft.graph(*outputs, types=dict.fromkeys(("x", "w", "parts", "parts:1", "y"), FLOAT))


def test_the_same_tensor_twice_is_handed_on_once() -> None:
    after = with_outputs_apart(graph("y", "y"))
    assert after.outputs == ("y", "y/output")
    assert show(after).splitlines()[-2:] == ["y/output = Identity(y)", "-> y, y/output"]
    assert after.type_of("y/output") == FLOAT


def test_two_parts_of_one_node() -> None:
    after = with_outputs_apart(graph("parts:1", "parts"))
    assert after.outputs == ("parts:1", "parts/output")
    assert after["parts/output"].inputs == ("parts",)


def test_an_input_and_a_weight_given_back() -> None:
    after = with_outputs_apart(graph("x", "w"))
    assert [after[name].inputs for name in after.outputs] == [("x",), ("w",)]
    assert {after[name].op for name in after.outputs} == {"Identity"}


def test_leaves_alone_what_is_a_node_of_its_own() -> None:
    before = graph("y", "parts:1")
    assert with_outputs_apart(before) is before
