"""A watched graph tells what was asked of it, and answers as the graph does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from graph_draft import Draft

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.graph.watched import Watched


@pytest.fixture
def graph() -> Graph:
    draft = Draft()
    draft.input("x", (None, 3))
    draft.op("Split", "s", draft.const("axis", 1), "x")
    draft.op("Relu", "y", "s:1")
    return draft.graph("y", types={"s:1": TensorType(dtype="float32", shape=(None, 1))})


OF_A_NODE: dict[str, tuple[Callable[[Graph], object], str]] = {
    "a node": (lambda g: g["y"], "y"),
    "a node by name": (lambda g: g.by_name.get("y"), "y"),
    "a node that isn't there": (lambda g: g.by_name.get("none"), "none"),
    "whether there is one": (lambda g: "y" in g, "y"),
    "a value": (lambda g: g.constant("axis:0"), "axis"),
    "a value among all": (lambda g: g.constants["axis"], "axis"),
    "no value": (lambda g: g.constant("s:1"), "s"),
    "a type": (lambda g: g.type_of("s:1"), "s"),
    "a type among all": (lambda g: g.types.get("s:1"), "s"),
}

ABOUT_READERS: dict[str, tuple[Callable[[Graph], object], str]] = {
    "its readers": (lambda g: g.readers.get("s", ()), "s"),
    "who reads nothing": (lambda g: g.readers.get("y", ()), "y"),
}

OF_ALL: dict[str, Callable[[Graph], object]] = {
    "the nodes": lambda g: g.nodes,
    "one by one": lambda g: list(g),
    "the names": lambda g: list(g.by_name),
    "how many are read": lambda g: len(g.readers),
    "a name that is free": lambda g: g.fresh("y"),
    "the functions": lambda g: g.functions,
    "what is read beyond the first output": lambda g: g.read_beyond_first,
    "the graph itself": lambda g: g.whole,
}


@pytest.mark.parametrize("ask", OF_A_NODE)
def test_what_is_asked_of_a_node_is_noted(graph: Graph, ask: str) -> None:
    question, name = OF_A_NODE[ask]
    watched = Watched.watching(graph)
    assert question(watched) == question(graph)
    assert (watched.asked, watched.asked_readers, watched.widely) == ({name}, set(), False)


@pytest.mark.parametrize("ask", ABOUT_READERS)
def test_who_reads_a_node_is_noted_apart_from_what_it_is(graph: Graph, ask: str) -> None:
    question, name = ABOUT_READERS[ask]
    watched = Watched.watching(graph)
    assert question(watched) == question(graph)
    assert (watched.asked, watched.asked_readers, watched.widely) == (set(), {name}, False)


@pytest.mark.parametrize("ask", OF_ALL)
def test_what_is_asked_of_all(graph: Graph, ask: str) -> None:
    watched = Watched.watching(graph)
    assert OF_ALL[ask](watched) == OF_ALL[ask](graph)
    assert watched.widely


def test_it_begins_anew(graph: Graph) -> None:
    watched = Watched.watching(graph)
    assert watched.outputs == ("y",)
    assert watched["y"] in watched.nodes
    assert watched.readers["s"] == graph.readers["s"]
    watched.asks_sizes()
    watched.begin()
    assert (watched.asked, watched.asked_readers) == (set(), set())
    assert (watched.widely, watched.asked_sizes) == (False, False)
