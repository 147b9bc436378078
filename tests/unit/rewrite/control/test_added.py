from __future__ import annotations

from dataclasses import replace

from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.control.added import Added


def part() -> Graph:
    draft = Draft()
    x = draft.input("x", (2, 3))
    draft.typed("Exp", "y/flat", x)
    return draft.graph(draft.op("Relu", "y", "y/flat", origin="layer", T=DType("float32")))


def test_names_are_those_that_are_free_and_nodes_are_of_the_layer_that_they_are_for() -> None:
    before = part()
    added = Added(before)
    shape = added.integers(before["y"], "flat", [-1])
    known = TensorType(dtype="float32", shape=(6,))
    flat = added.put(before["y"], "flat", "Reshape", "x", shape, known=known, T=DType("float32"))
    assert (shape, flat, added.name("y/flat"), added.name("z")) == ("y/flat_1", "y/flat_2", "y/flat_3", "z")
    result = added.last(replace(before["y"], inputs=(flat,)))
    assert result.constants[shape].value.tolist() == [-1]
    assert result[flat].origin == result[shape].origin == ("layer",)
    assert result.type_of(flat) == known
    assert "y = Relu(y/flat_2)" in show(result)


def test_where_they_stand() -> None:
    before = part()
    for put, wanted in (
        (Added.first, ["y/one", "x", "y/flat", "y"]),
        (Added.last, ["x", "y/flat", "y", "y/one"]),
        (Added.before, ["x", "y/flat", "y/one", "y"]),
    ):
        added = Added(before)
        added.integers(before["y"], "one", 1)
        assert [node.name for node in put(added, before["y"]).nodes] == wanted
