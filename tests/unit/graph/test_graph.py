"""A graph is checked when it is born, and can't be changed after."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.graph.graph import (
    Constant,
    FunctionBody,
    Graph,
    GraphError,
    Node,
    TensorType,
    dtype_name,
    node_of,
    normal,
)


def chain(*ops: tuple[str, ...], outputs: tuple[str, ...] = ()) -> Graph:
    """Nodes as (name, *inputs); the first is a Placeholder."""
    nodes = [Node(name=name, op="Relu" if inputs else "Placeholder", inputs=tuple(inputs)) for name, *inputs in ops]
    return Graph(nodes=tuple(nodes), outputs=outputs)


class TestBornChecked:
    def test_a_sound_graph_is_born(self) -> None:
        graph = chain(("x",), ("y", "x"), outputs=("y",))
        assert [node.name for node in graph] == ["x", "y"]

    def test_refuses_a_name_used_twice(self) -> None:
        with pytest.raises(GraphError, match="two nodes are named 'x'"):
            chain(("x",), ("y", "x"), ("x",), outputs=("y",))

    def test_takes_names_that_differ_in_case(self) -> None:
        assert len(chain(("x",), ("X",), outputs=("x",)).nodes) == 2

    def test_refuses_an_input_that_is_not_there(self) -> None:
        with pytest.raises(GraphError, match="Relu 'y' reads 'z:1', which isn't in the graph"):
            chain(("x",), ("y", "z:1"), outputs=("y",))

    def test_refuses_a_control_edge_from_nowhere(self) -> None:
        with pytest.raises(GraphError, match="reads 'gone'"):
            Graph(nodes=(Node(name="x", op="Placeholder", control=("gone",)),), outputs=())

    def test_refuses_an_output_that_is_not_there(self) -> None:
        with pytest.raises(GraphError, match="the output 'z' isn't in the graph"):
            chain(("x",), outputs=("z",))

    def test_takes_a_second_output_of_a_node(self) -> None:
        assert chain(("x",), ("y", "x:1"), outputs=("y:2",)).outputs == ("y:2",)

    def test_refuses_a_const_without_a_value(self) -> None:
        with pytest.raises(GraphError, match="Const 'c' has no value"):
            Graph(nodes=(Node(name="c", op="Const"),), outputs=("c",))

    def test_refuses_a_value_without_a_const(self) -> None:
        with pytest.raises(GraphError, match="the value 'c' has no Const"):
            Graph(
                nodes=(Node(name="c", op="Placeholder"),), outputs=("c",), constants={"c": Constant(value=np.zeros(1))}
            )

    def test_refuses_a_circle(self) -> None:
        with pytest.raises(GraphError, match="circle"):
            chain(("x",), ("a", "b"), ("b", "a"), outputs=("b",))

    def test_refuses_a_node_that_reads_itself(self) -> None:
        with pytest.raises(GraphError, match="circle through 'a'"):
            chain(("a", "a"), outputs=("a",))

    def test_refuses_a_circle_of_control_edges(self) -> None:
        nodes = (Node(name="a", op="NoOp", control=("b",)), Node(name="b", op="NoOp", control=("a",)))
        with pytest.raises(GraphError, match="circle"):
            Graph(nodes=nodes, outputs=())

    def test_takes_a_diamond(self) -> None:
        graph = chain(("x",), ("a", "x"), ("b", "x"), ("c", "a", "b"), outputs=("c",))
        assert [node.name for node in graph] == ["x", "a", "b", "c"]

    def test_takes_the_loop_of_a_merge(self) -> None:
        nodes = (
            Node(name="x", op="Placeholder"),
            Node(name="merge", op="Merge", inputs=("x", "next")),
            Node(name="next", op="NextIteration", inputs=("merge",)),
        )
        assert [node.name for node in Graph(nodes=nodes, outputs=("next",))] == ["x", "merge", "next"]

    def test_takes_a_chain_longer_than_pythons_stack(self) -> None:
        nodes = [Node(name="n0", op="Placeholder")]
        nodes += [Node(name=f"n{i}", op="Relu", inputs=(f"n{i - 1}",)) for i in range(1, 5000)]
        graph = Graph(nodes=tuple(reversed(nodes)), outputs=("n4999",))
        assert graph.nodes == tuple(nodes)


class TestOrder:
    def test_inputs_come_before_readers_and_the_rest_stays_as_given(self) -> None:
        graph = chain(("late", "b"), ("x",), ("b", "x"), ("alone",), outputs=("late",))
        assert [node.name for node in graph] == ["x", "b", "late", "alone"]

    def test_what_a_control_edge_names_comes_before(self) -> None:
        nodes = (Node(name="a", op="NoOp", control=("b",)), Node(name="b", op="NoOp"))
        assert [node.name for node in Graph(nodes=nodes, outputs=())] == ["b", "a"]

    @given(st.permutations(range(8)), st.data())
    def test_holds_for_any_graph_without_a_circle(self, order: list[int], data: st.DataObject) -> None:
        inputs = {i: data.draw(st.sets(st.sampled_from(range(i)), max_size=3)) if i else set() for i in range(8)}
        nodes = [Node(name=str(i), op="AddN", inputs=tuple(map(str, sorted(inputs[i])))) for i in order]
        place = {node.name: k for k, node in enumerate(Graph(nodes=tuple(nodes), outputs=()))}
        assert all(place[tensor] < place[node.name] for node in nodes for tensor in node.inputs)
        assert len(place) == 8


class TestNames:
    def test_the_first_output_has_one_spelling(self) -> None:
        graph = chain(("x",), ("y", "x:0"), outputs=("y:0",))
        assert (graph["y"].inputs, graph.outputs) == (("x",), ("y",))

    def test_the_tenth_output_keeps_its_own(self) -> None:
        assert (normal("x:10"), normal("x:0"), node_of("x:10")) == ("x:10", "x", "x")

    def test_fresh_gives_a_free_name_as_it_is(self) -> None:
        assert chain(("x",)).fresh("y") == "y"

    def test_fresh_counts_past_what_is_used_and_what_is_taken(self) -> None:
        assert chain(("x",), ("x_1",)).fresh("x", taken=["x_2"]) == "x_3"


class TestReaders:
    def test_each_reader_once_however_often_it_reads(self) -> None:
        graph = chain(("x",), ("y", "x", "x:1", "x"), outputs=("y",))
        assert [node.name for node in graph.readers["x"]] == ["y"]

    def test_a_control_edge_is_read_too(self) -> None:
        nodes = (Node(name="a", op="NoOp"), Node(name="b", op="NoOp", control=("a",)))
        assert [node.name for node in Graph(nodes=nodes, outputs=()).readers["a"]] == ["b"]

    def test_being_an_output_is_not_being_read(self) -> None:
        assert "x" not in chain(("x",), outputs=("x",)).readers


class TestPruned:
    def test_drops_what_no_output_needs_with_its_values_and_types(self) -> None:
        draft = Draft()
        kept = draft.op("Relu", "kept", draft.input("x"))
        draft.op("AddV2", "dead", kept, draft.const("c", 1.0))
        known = TensorType(dtype="float32", shape=())
        graph = draft.graph(kept, types={"kept": known, "dead": known, "dead:1": known}).pruned()
        assert ([n.name for n in graph], dict(graph.constants), set(graph.types)) == (["x", "kept"], {}, {"kept"})

    def test_keeps_a_placeholder_that_nobody_reads(self) -> None:
        assert "unused" in chain(("x",), ("unused",), ("y", "x"), outputs=("y",)).pruned()

    def test_keeps_what_is_needed_by_control_alone(self) -> None:
        draft = Draft()
        check = draft.op("Assert", "check")
        y = draft.op("Relu", "y", draft.input("x"), control=(check,))
        assert "check" in draft.graph(y).pruned()

    def test_keeps_a_node_of_which_only_the_second_output_is_wanted(self) -> None:
        draft = Draft()
        draft.op("Split", "s", draft.input("x"))
        assert "s" in draft.graph("s:1").pruned()

    def test_is_the_same_object_when_nothing_is_dead(self) -> None:
        graph = chain(("x",), ("y", "x"), outputs=("y",))
        assert graph.pruned() is graph


class TestTypes:
    def test_a_const_has_its_own_without_inference(self) -> None:
        draft = Draft()
        c = draft.const("c", [[1, 2, 3]])
        assert draft.graph(c).type_of("c:0") == TensorType(dtype="int64", shape=(1, 3))

    def test_a_node_has_what_was_inferred_and_else_none(self) -> None:
        known = TensorType(dtype="float32", shape=(None, 3))
        draft = Draft()
        x = draft.input("x")
        graph = draft.graph(draft.op("Relu", "y", x), types={"y": known})
        assert (graph.type_of("y"), graph.type_of("y:1"), graph.type_of("x")) == (known, None, None)

    def test_strings_are_strings_however_numpy_holds_them(self) -> None:
        arrays = [np.array(["a"]), np.array([b"a"]), np.array([b"a", "b"], dtype=object)]
        assert {dtype_name(array) for array in arrays} == {"string"}
        assert dtype_name(np.zeros(1, bool)) == "bool"

    def test_only_a_consts_first_output_is_a_constant(self) -> None:
        draft = Draft()
        graph = draft.graph(draft.const("c", 1.0))
        assert graph.constant("c:0") is graph.constants["c"]
        assert graph.constant("c:1") is None


class TestImmutable:
    def graph(self) -> Graph:
        draft = Draft()
        return draft.graph(draft.typed("AddV2", "y", draft.input("x"), draft.const("c", [1.0])))

    def test_fields_and_mappings_cannot_be_set(self) -> None:
        graph: Any = self.graph()
        with pytest.raises(FrozenInstanceError):
            graph.outputs = ()
        for mapping in (graph.constants, graph.types, graph.functions, graph["y"].attrs, graph.by_name, graph.readers):
            with pytest.raises(TypeError):
                mapping["c"] = None

    def test_a_value_cannot_be_written(self) -> None:
        with pytest.raises(ValueError, match="read-only"):
            self.graph().constants["c"].value[0] = 2

    def test_the_mappings_handed_in_are_copied(self) -> None:
        attrs: dict[str, Any] = {"a": 1}
        node = Node(name="n", op="Relu", attrs=attrs)
        attrs["a"] = 2
        assert node.attrs["a"] == 1

    def test_a_number_of_rank_0_is_held_as_an_array(self) -> None:
        assert Constant(value=np.float32(2)).value.shape == ()  # type: ignore[arg-type]

    def test_replace_gives_another_graph(self) -> None:
        graph = self.graph()
        assert replace(graph, outputs=("x",)).outputs == ("x",)
        assert graph.outputs == ("y",)


def test_walk_gives_the_graph_and_its_functions() -> None:
    body = FunctionBody(name="f", inputs=("a",), graph=chain(("a",), outputs=("a",)))
    graph = Graph(nodes=(), outputs=(), functions={"f": body})
    assert [(name, inner) for name, inner in graph.walk()] == [("", graph), ("f", body.graph)]
