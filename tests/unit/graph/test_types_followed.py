"""Types are followed along a graph's history: what is told is what is told of the graph alone, and little is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from graph_draft import Draft

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Constant, DType, Graph, Node, TensorType
from tfjsci.graph.remembered_types import RememberedTypes


class Asked:
    """An inference that takes every tensor for a float of one shape, and remembers what it was asked about."""

    def __init__(self) -> None:
        self.names: list[set[str]] = []

    def __call__(self, graph: Graph) -> dict[str, TensorType]:
        self.names.append({node.name for node in graph.nodes})
        return {node.name: TensorType(dtype="float32", shape=(2, 3, 4)) for node in graph.nodes}


def branches() -> Graph:
    """x -> a -> b, x -> c, and a weight that a reads; of Relu nothing needs to be asked, Atan isn't plain."""
    draft = Draft()
    draft.typed("AddV2", "a", draft.input("x", (2, 3, 4)), draft.const("w", np.ones((3, 1))))
    draft.typed("Atan", "b", "a")
    draft.typed("Relu", "c", "x")
    return draft.graph("b", "c").pruned()


def alone(graph: Graph) -> dict[str, TensorType]:
    return RememberedTypes(Asked())(graph)


def renamed(node: Node, op: str) -> dict[str, Node]:
    return {node.name: replace(node, op=op)}


def test_of_an_edited_graph_the_same_is_told_and_only_what_changed_is_asked() -> None:
    infer, graph = Asked(), branches()
    types = RememberedTypes(infer)
    assert types(graph) == alone(graph)
    assert len(infer.names) == 1
    plain = edited(graph, put=renamed(graph["c"], "Tanh")).with_types(types(graph))
    assert types(plain) == alone(plain)
    assert len(infer.names) == 1, "nothing"
    odd = edited(plain, put=renamed(plain["c"], "Sinh"))
    assert types(odd) == alone(odd)
    assert infer.names[1:] == [{"x", "c"}]


def test_what_is_gone_is_told_no_more_and_what_is_new_is() -> None:
    types, graph = RememberedTypes(Asked()), branches()
    types(graph)
    new = Node(name="new", op="Relu", inputs=("x",), attrs={"T": DType("float32")})
    fewer = edited(graph, put={"new": new}, outputs=("new",))
    assert types(fewer) == alone(fewer)
    assert set(types(fewer)) == {"x", "new"}


def test_a_new_value_and_a_graph_in_between_are_noticed() -> None:
    types, graph = RememberedTypes(Asked()), branches()
    types(graph)
    weight = {"w": Constant(value=np.ones((3, 4), np.float32))}
    other = edited(graph, put={"w": graph["w"]}, constants=weight)
    assert types(other) == alone(other)
    function = Draft()  # with a node of the same name
    function.typed("Relu", "c", function.input("x", (7,)))
    assert types(function.graph("c"))["c"].shape == (7,)
    assert types(other) == alone(other)


def test_what_is_behind_a_change_is_told_anew_though_it_is_the_same_node() -> None:
    draft = Draft()
    wanted = draft.const("sizes", np.array([-1, 12], np.int32), sources=())
    draft.typed("Reshape", "y", draft.input("x", (2, 3, 4)), wanted, Tshape=DType("int32"))
    graph = draft.graph(draft.typed("Relu", "last", draft.typed("Tanh", "z", "y"))).pruned()
    types = RememberedTypes(Asked())
    assert types(graph)["last"].shape == (2, 12)
    sizes = {"sizes": Constant(value=np.array([4, 6], np.int32))}
    other = edited(graph, put={"sizes": graph["sizes"]}, constants=sizes)
    assert types(other) == alone(other)
    assert types(other)["last"].shape == (4, 6)
