"""Nodes come in the graph's order, whenever they were added, and each once."""

from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import Graph
from tfjsci.graph.in_order import InOrder


def chain() -> Graph:
    draft = Draft()
    last = draft.input("n0")
    for i in range(1, 6):
        last = draft.op("Relu", f"n{i}", last)
    return draft.graph(last)


def test_in_the_graphs_order_and_no_more_than_those() -> None:
    assert [node.name for node in InOrder(chain(), ["n4", "n1", "n4", "somewhere else"])] == ["n1", "n4"]


def test_what_is_added_on_the_way_comes_in_its_place() -> None:
    order, seen = InOrder(chain(), ["n1", "n5"]), []
    for node in order:
        seen.append(node.name)
        if node.name == "n1":
            order.add(["n3", "n2", "n5"])
    assert seen == ["n1", "n2", "n3", "n5"]


def test_what_lies_before_is_passed() -> None:
    order, seen = InOrder(chain(), ["n2"]), []
    for node in order:
        seen.append(node.name)
        order.add(["n1", "n2", "n3"] if node.name == "n2" else [])
    assert seen == ["n2", "n3"]
