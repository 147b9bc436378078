"""What is asked again of the same graph isn't worked out again; of another it is."""

from __future__ import annotations

import gc
import weakref

from graph_draft import Draft

from tfjsci.graph.graph import Graph
from tfjsci.graph.once_a_graph import once_a_graph


def graph() -> Graph:
    draft = Draft()
    return draft.graph(draft.input("x", (1,)))


def test_it_is_worked_out_once_as_long_as_the_graph_is_the_same() -> None:
    asked: list[Graph] = []

    @once_a_graph
    def told(graph: Graph) -> object:
        asked.append(graph)
        return object()

    one, alike = graph(), graph()
    first = told(one)
    assert told(one) is first
    assert told(alike) is not first
    assert told(one) is not first
    assert [each is one for each in asked] == [True, False, True]
    assert told.__name__ == "told"


def test_one_that_asks_about_a_function_first_remembers_each_answer_with_its_graph() -> None:
    inner, outer = graph(), graph()

    @once_a_graph
    def told(graph: Graph) -> list[Graph]:
        return [graph, *(told(inner) if graph is outer else [])]

    assert told(outer) == [outer, inner]
    assert told(inner) == [inner]
    assert told(outer) == [outer, inner]


def test_the_graph_is_not_kept_alive() -> None:
    @once_a_graph
    def told(graph: Graph) -> int:
        return len(graph.nodes)

    one = graph()
    assert told(one) == 1
    there = weakref.ref(one)
    del one
    gc.collect()
    assert there() is None
