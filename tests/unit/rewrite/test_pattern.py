"""What a pattern finds, and what only looks like it."""

from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, free_tensors, matches, op

RELU_OF_ADD = op(
    "Relu|Relu6", op("AddV2", any_tensor("x"), constant("c"), name="add", either_order=True), name="activation"
)


def found(pattern: OpPattern, graph: Graph, root: str) -> list[Match]:
    return list(matches(pattern, graph, graph[root]))


def relu_of(op_name: str, *inputs: str, activation: str = "Relu") -> Graph:
    draft = Draft()
    draft.input("x")
    draft.const("c", 1.0)
    draft.op(op_name, "add", *inputs)
    return draft.graph(draft.op(activation, "y", "add"))


def test_binds_nodes_and_tensors_by_name() -> None:
    (match,) = found(RELU_OF_ADD, relu_of("AddV2", "x", "c"), "y")
    assert {name: node.name for name, node in match.nodes.items()} == {"activation": "y", "add": "add"}
    assert match.tensors == {"x": "x", "c": "c", "add": "add"}
    assert (match.root.name, match.value("c").value.item()) == ("y", 1.0)


def test_takes_any_of_the_ops() -> None:
    assert found(RELU_OF_ADD, relu_of("AddV2", "x", "c", activation="Relu6"), "y")
    assert not found(RELU_OF_ADD, relu_of("AddV2", "x", "c", activation="Elu"), "y")


def test_takes_either_order_where_allowed() -> None:
    assert [match.tensors["x"] for match in found(RELU_OF_ADD, relu_of("AddV2", "c", "x"), "y")] == ["x"]


def test_keeps_to_the_order_where_not() -> None:
    strict = op("Sub", any_tensor("x"), constant("c"), name="sub")
    assert found(strict, relu_of("Sub", "x", "c"), "add")
    assert not found(strict, relu_of("Sub", "c", "x"), "add")


def test_gives_every_way_in_which_it_fits() -> None:
    draft = Draft()
    draft.const("a", 1.0)
    draft.const("b", 2.0)
    graph = draft.graph(draft.op("Mul", "y", "a", "b"))
    both = op("Mul", any_tensor("x"), constant("c"), name="mul", either_order=True)
    assert [match.tensors["c"] for match in found(both, graph, "y")] == ["b", "a"]


def test_a_constant_is_not_what_computes_one() -> None:
    draft = Draft()
    draft.op("Neg", "c", draft.const("one", 1.0))
    graph = draft.graph(draft.op("AddV2", "y", draft.input("x"), "c"))
    assert not found(op("AddV2", any_tensor("x"), constant("c"), name="add"), graph, "y")


def test_an_inner_node_is_read_through_its_first_output_only() -> None:
    draft = Draft()
    draft.op("AddV2", "add", draft.input("x"), draft.const("c", 1.0))
    draft.op("Relu", "y", "add:1")
    draft.op("Relu", "z", "add:0")
    graph = draft.graph("y", "z")
    assert not found(RELU_OF_ADD, graph, "y")
    assert found(RELU_OF_ADD, graph, "z")


def test_fewer_inputs_than_the_pattern_has_do_not_fit() -> None:
    assert not found(op("Relu", any_tensor("x"), any_tensor("y"), name="r"), relu_of("AddV2", "x", "c"), "y")


class TestANameThatStandsTwice:
    SQUARE = op("Mul", any_tensor("x"), any_tensor("x"), name="mul")
    SWISH = op(
        "Mul",
        op("Identity", any_tensor("t"), name="inner"),
        op("Sigmoid", op("Identity", any_tensor("t"), name="inner"), name="sigmoid"),
        name="mul",
    )

    def test_must_be_the_same_tensor(self) -> None:
        draft = Draft()
        draft.input("a")
        draft.input("b")
        draft.op("Mul", "square", "a", "a:0")
        draft.op("Mul", "product", "a", "b")
        graph = draft.graph("square", "product")
        assert found(self.SQUARE, graph, "square")
        assert not found(self.SQUARE, graph, "product")

    def test_must_be_the_same_node(self) -> None:
        draft = Draft()
        draft.input("t")
        draft.op("Identity", "i", "t")
        draft.op("Identity", "j", "t")
        draft.op("Sigmoid", "s", "i")
        draft.op("Mul", "swish", "i", "s")
        draft.op("Mul", "other", "j", "s")
        graph = draft.graph("swish", "other")
        assert found(self.SWISH, graph, "swish")
        assert not found(self.SWISH, graph, "other")


def test_free_tensors_are_those_of_which_nothing_is_asked() -> None:
    assert free_tensors(RELU_OF_ADD) == {"x"}
