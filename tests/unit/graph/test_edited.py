"""A graph that was edited is the graph that all its nodes would have made, and says what is another in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_draft import Draft
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.graph.changed import Seen
from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Constant, DType, Graph, GraphError, Node, TensorType, node_of
from tfjsci.graph.show import show

FLOAT = TensorType(dtype="float32", shape=(None, 3))


def relu(name: str, *inputs: str) -> Node:
    return Node(name=name, op="AddN", inputs=inputs)


def diamond() -> Graph:
    """x -> a -> (b, c) -> d, where c adds a weight; types of all that computes, and of a second output of b."""
    draft = Draft()
    draft.op("AddN", "a", draft.input("x"))
    draft.op("AddN", "b", "a")
    draft.op("AddN", "c", "a", draft.const("w", 1.0))
    draft.op("AddN", "d", "b", "c")
    return draft.graph("d", types=dict.fromkeys(("a", "b", "b:1", "c", "d"), FLOAT)).pruned()


class TestPlaces:
    def test_what_is_put_stands_where_the_one_of_its_name_was_and_what_is_new_before_its_reader(self) -> None:
        after = edited(diamond(), put={"b": relu("b", "new"), "new": relu("new", "a")})
        assert (
            show(after)
            == "x = Placeholder()\na = AddN(x)\nnew = AddN(a)\nb = AddN(new)\nc = AddN(a, w)\nd = AddN(b, c)\n-> d"
        )
        assert [node.name for node in after.readers["a"]] == ["new", "c"]

    def test_what_is_gone_and_put_again_comes_last_of_what_may(self) -> None:
        graph = edited(diamond(), outputs=("d", "b", "c"))
        assert [node.name for node in edited(graph, gone={"b"}, put={"b": relu("b", "a"), "d": relu("d", "c")})] == [
            *("x", "a", "w", "c", "d", "b")
        ]

    def test_what_somebody_reads_now_comes_forward_with_what_it_reads(self) -> None:
        graph = edited(diamond(), outputs=("d", "b"))
        after = edited(graph, put={"b": relu("b", "c"), "d": relu("d", "x")})
        assert [node.name for node in after] == ["x", "a", "w", "c", "b", "d"]


class TestPrunes:
    def test_what_lost_its_last_reader_goes_with_what_it_read_its_values_and_types(self) -> None:
        after = edited(diamond(), put={"d": relu("d", "b")})
        assert show(after) == "x = Placeholder()\na = AddN(x)\nb = AddN(a)\nd = AddN(b)\n-> d"
        assert (dict(after.constants), set(after.types)) == ({}, {"a", "b", "b:1", "d"})
        assert after.pruned() is after

    def test_so_does_what_is_put_and_read_by_nobody_and_what_is_no_output_any_more(self) -> None:
        assert "new" not in edited(diamond(), put={"new": relu("new", "a")})
        assert [node.name for node in edited(diamond(), outputs=("a",))] == ["x", "a"]

    def test_inputs_stay(self) -> None:
        assert "x" in edited(diamond(), put={"a": Node(name="a", op="Placeholder")})

    def test_nothing_goes_of_a_graph_that_may_not_have_been_pruned(self) -> None:
        graph = replace(diamond())
        after = edited(graph, put={"d": relu("d", "b")})
        assert "c" in after
        assert "c" not in after.pruned()


class TestTypes:
    def test_a_node_keeps_its_types_unless_it_is_said_to_have_lost_them(self) -> None:
        graph = diamond()
        assert dict(edited(graph, put={"b": relu("b", "a")}).types) == dict(graph.types)
        other = TensorType(dtype="int32", shape=())
        after = edited(graph, put={"b": relu("b", "a")}, untyped={"b", "c"}, typed={"b": other})
        assert dict(after.types) == {"a": FLOAT, "b": other, "d": FLOAT}


class TestRefuses:
    def test_a_tensor_that_is_not_there(self) -> None:
        with pytest.raises(GraphError, match="AddN 'b' reads 'none:1', which isn't in the graph"):
            edited(diamond(), put={"b": relu("b", "none:1")})

    def test_to_take_away_what_is_read(self) -> None:
        with pytest.raises(GraphError, match="AddN 'd' reads 'b', which isn't in the graph"):
            edited(diamond(), gone={"b"})

    def test_to_take_away_an_output(self) -> None:
        with pytest.raises(GraphError, match="the output 'd' isn't in the graph"):
            edited(diamond(), gone={"d"})

    def test_a_circle(self) -> None:
        with pytest.raises(GraphError, match="in a circle through"):
            edited(diamond(), put={"a": relu("a", "d")})
        with pytest.raises(GraphError, match="in a circle through 'a'"):
            edited(diamond(), put={"a": relu("a", "a")})

    def test_a_const_without_a_value_and_a_value_without_a_const(self) -> None:
        const, value = Node(name="b", op="Const"), Constant(value=np.float32(1))  # type: ignore[arg-type]
        with pytest.raises(GraphError, match="Const 'b' has no value"):
            edited(diamond(), put={"b": const})
        with pytest.raises(GraphError, match="the value 'w' has no Const"):
            edited(diamond(), put={"w": relu("w", "a")})
        with pytest.raises(GraphError, match="the value 'new' has no Const"):
            edited(diamond(), constants={"new": value})


@st.composite
def edits(draw: st.DrawFn) -> tuple[Graph, dict[str, Node], dict[str, Constant], set[str], tuple[str, ...]]:
    """A graph; nodes to put, the values of those that are Consts, nodes to take away, outputs."""
    count = draw(st.integers(3, 12))
    draft = Draft()
    for i in range(count):
        above = draw(st.lists(st.sampled_from(range(i)), max_size=3)) if i else []
        if above:
            draft.op("AddN", f"n{i}", *(f"n{k}" for k in above))
        elif draw(st.booleans()):
            draft.const(f"n{i}", float(i))
        else:
            draft.input(f"n{i}")
    names = draw(st.permutations(range(count)))
    draft.nodes = [draft.nodes[i] for i in names]
    graph = draft.graph(
        *draw(st.lists(st.sampled_from([f"n{i}" for i in range(count)]), min_size=1, max_size=3)),
        types=dict.fromkeys((node.name for node in draft.nodes if node.op != "Const"), FLOAT),
    ).pruned()
    there = sorted(graph.by_name)
    again = draw(st.sets(st.sampled_from(there), max_size=4))
    put: dict[str, Node] = {}
    constants: dict[str, Constant] = {}
    for name in [*sorted(again), *draw(st.lists(st.sampled_from(["new", "newer"]), unique=True))]:
        # what it reads lies before it in some order: by number, what is new anywhere
        below = [each for each in there if name.startswith("new") or int(each[1:]) < int(name[1:])]
        if name in graph.constants:
            put[name] = Node(name=name, op="Const", attrs={"dtype": DType("float32")})
            constants[name] = Constant(value=np.ones(2, np.float32))
        else:
            put[name] = relu(name, *(draw(st.lists(st.sampled_from(below), max_size=3)) if below else ()))
    kept = [*there, *put]
    outputs = tuple(draw(st.lists(st.sampled_from(kept), min_size=1, max_size=3)))
    read = {name for node in (*graph.nodes, *put.values()) if put.get(node.name, node) is node for name in node.reads}
    free = [name for name in there if name in put or (name not in read and name not in outputs)]
    return graph, put, constants, draw(st.sets(st.sampled_from(free))) if free else set(), outputs


@given(edits())
def test_it_is_the_graph_that_its_nodes_make(
    edit: tuple[Graph, dict[str, Node], dict[str, Constant], set[str], tuple[str, ...]],
) -> None:
    graph, put, constants, gone, outputs = edit
    after = edited(graph, gone=gone, put=put, constants=constants, outputs=outputs)
    places = [put.get(node.name, node) for node in graph.nodes if node.name not in gone]
    there = {node.name for node in places}
    nodes = [*places, *(node for node in put.values() if node.name not in there)]
    whole = Graph(
        nodes=tuple(nodes),
        outputs=outputs,
        constants={
            **{name: value for name, value in graph.constants.items() if name not in gone - constants.keys()},
            **constants,
        },
        types={t: known for t, known in graph.types.items() if node_of(t) not in gone - put.keys()},
    ).pruned()
    assert after == whole
    assert list(after.by_name.items()) == list(whole.by_name.items())
    assert dict(after.readers) == dict(whole.readers)
    assert list(after.constants) == list(whole.constants)
    assert list(after.types) == list(whole.types)
    followed, unfollowed = Seen(graph), Seen(replace(graph))
    assert followed.followed(after) is not None
    assert unfollowed.followed(after) is None
    assert followed.other_nodes(after) == unfollowed.other_nodes(after)
    assert followed.otherwise_read(after) == unfollowed.otherwise_read(after)
    assert followed.other_types(after) == unfollowed.other_types(after)
