"""What has changed between two graphs: each kind of change is noticed, and what stayed isn't named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from graph_draft import Draft

from tfjsci.graph.changed import Seen
from tfjsci.graph.graph import Constant, Graph, TensorType


def two_readers() -> Graph:
    """a and b read x, c reads both and a weight."""
    draft = Draft()
    draft.input("x", (None, 3))
    draft.op("Relu", "a", "x")
    draft.op("Tanh", "b", "x")
    draft.op("AddN", "c", "a", "b", draft.const("w", 1.0))
    return draft.graph("c", types={"a": TensorType(dtype="float32", shape=(None, 3))})


def test_a_graph_is_as_it_was() -> None:
    graph = two_readers()
    seen, again = Seen(graph), replace(graph)
    noticed = (seen.other_nodes(again), seen.other_types(again), seen.gone(again), seen.otherwise_read(again))
    assert noticed == (set(), set(), set(), set())


def test_a_node_that_is_another_is_named_and_so_is_what_it_reads() -> None:
    graph = two_readers()
    other = replace(graph, nodes=tuple(replace(n, op="Selu") if n.name == "a" else n for n in graph.nodes))
    assert Seen(graph).other_nodes(other) == {"a"}
    assert Seen(graph).otherwise_read(other) == {"x"}


def test_a_node_that_reads_something_else() -> None:
    graph = two_readers()
    led = replace(graph, nodes=tuple(n.reading(("a", "a", "w")) if n.name == "c" else n for n in graph.nodes)).pruned()
    assert Seen(graph).other_nodes(led) == {"c"}
    assert Seen(graph).gone(led) == {"b"}
    assert Seen(graph).otherwise_read(led) == {"a", "b", "w", "x"}


def test_readers_in_another_order() -> None:
    graph = two_readers()
    x, a, b, *rest = graph.nodes
    assert Seen(graph).otherwise_read(replace(graph, nodes=(x, b, a, *rest))) == {"x"}


def test_a_value_under_the_same_name() -> None:
    graph = two_readers()
    other = replace(graph, constants={"w": Constant(value=np.float32(1.0))})
    assert Seen(graph).other_nodes(other) == {"w"}


def test_a_type_that_is_equal_is_the_same() -> None:
    graph = two_readers()
    assert not Seen(graph).other_types(graph.with_types({"a": TensorType(dtype="float32", shape=(None, 3))}))
    assert Seen(graph).other_types(graph.with_types({"a": TensorType(dtype="float32", shape=(2, 3))})) == {"a"}
    assert Seen(graph).other_types(graph.with_types({})) == {"a"}


def test_it_keeps_no_weights_alive() -> None:
    graph = two_readers()
    seen, weight = Seen(graph), graph.constants["w"]
    del graph
    constants = seen._constants  # what it holds: a weak reference
    assert constants["w"]() is weight
    del weight
    assert constants["w"]() is None
