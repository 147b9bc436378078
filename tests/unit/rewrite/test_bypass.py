"""What passes a tensor on is taken out, and outputs stay what they were, each a tensor of its own."""

from __future__ import annotations

import pytest
from graph_draft import Draft

from tfjsci.graph.graph import FunctionBody, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.bypass import DEBUG, PASSES_ON, without_control_edges, without_pass_ons


class TestPassOns:
    @pytest.mark.parametrize("op", sorted(PASSES_ON))
    def test_readers_read_the_source(self, op: str) -> None:
        draft = Draft()
        draft.op("Relu", "y", draft.op(op, "i", draft.input("x")))
        assert show(without_pass_ons(draft.graph("y"))) == "x = Placeholder()\ny = Relu(x)\n-> y"

    @pytest.mark.parametrize("op", sorted(DEBUG))
    def test_what_is_for_debugging_goes_unless_it_is_kept(self, op: str) -> None:
        draft = Draft()
        draft.op("Relu", "y", draft.op(op, "i", draft.input("x")))
        graph = draft.graph("y")
        assert show(without_pass_ons(graph)) == "x = Placeholder()\ny = Relu(x)\n-> y"
        assert show(without_pass_ons(graph, keep_debug=True)) == show(graph)

    def test_through_a_chain_and_from_a_second_output(self) -> None:
        draft = Draft()
        draft.op("Split", "s", draft.input("x"))
        draft.op("Identity", "j", draft.op("Identity", "i", "s:1"))
        draft.op("Relu", "y", "j")
        assert show(without_pass_ons(draft.graph("y"))) == "x = Placeholder()\ns = Split(x)\ny = Relu(s:1)\n-> y"

    def test_each_output_of_an_identity_n_is_its_own_input(self) -> None:
        draft = Draft()
        draft.op("IdentityN", "n", draft.input("a"), draft.op("Neg", "b", "a"))
        draft.op("Sub", "y", "n", "n:1")
        assert show(without_pass_ons(draft.graph("y"))) == "a = Placeholder()\nb = Neg(a)\ny = Sub(a, b)\n-> y"

    def test_one_that_has_to_wait_stays(self) -> None:
        draft = Draft()
        draft.op("Assert", "check", draft.input("x"))
        draft.op("Relu", "y", draft.op("Identity", "i", "x", control=("check",)))
        graph = draft.graph("y")
        assert show(without_pass_ons(graph)) == show(graph)

    def test_an_op_that_computes_stays(self) -> None:
        draft = Draft()
        draft.op("Relu", "y", draft.op("Neg", "i", draft.input("x")))
        graph = draft.graph("y")
        assert show(without_pass_ons(graph)) == show(graph)


class TestOutputs:
    @staticmethod
    def relu_and_identities(*outputs: str) -> Graph:
        draft = Draft()
        draft.op("Relu", "y", draft.input("x"))
        draft.const("c", 1.0)
        for name, source in (("i", "y"), ("j", "y"), ("of_x", "x"), ("of_c", "c")):
            draft.op("Identity", name, source)
        return draft.graph(*outputs)

    def after(self, *outputs: str) -> tuple[str, ...]:
        return without_pass_ons(self.relu_and_identities(*outputs)).outputs

    def test_an_output_moves_to_what_computes_it(self) -> None:
        assert self.after("i") == ("y",)

    def test_two_outputs_of_one_tensor_stay_two(self) -> None:
        assert self.after("i", "j") == ("y", "j")

    def test_an_output_does_not_move_to_one_that_comes_later(self) -> None:
        assert self.after("i", "y") == ("i", "y")

    def test_nor_to_one_that_came_before(self) -> None:
        assert self.after("y", "i") == ("y", "i")

    def test_an_output_that_is_an_input_stays_apart_from_it(self) -> None:
        graph = without_pass_ons(self.relu_and_identities("of_x"))
        assert show(graph) == "x = Placeholder()\nof_x = Identity(x)\n-> of_x"

    def test_an_output_that_is_a_constant_stays_apart_from_it(self) -> None:
        assert self.after("of_c") == ("of_c",)


class TestControlEdges:
    def test_are_dropped_with_what_hung_on_them_alone(self) -> None:
        draft = Draft()
        draft.op("Assert", "check", draft.input("x"))
        draft.op("NoOp", "wait", control=("check",))
        draft.op("Relu", "y", "x", control=("wait",))
        assert show(without_control_edges(draft.graph("y"))) == "x = Placeholder()\ny = Relu(x)\n-> y"

    def test_what_is_read_as_data_stays(self) -> None:
        draft = Draft()
        draft.op("Neg", "n", draft.input("x"))
        draft.op("AddV2", "y", "x", "n", control=("n",))
        after = without_control_edges(draft.graph("y"))
        assert show(after) == "x = Placeholder()\nn = Neg(x)\ny = AddV2(x, n)\n-> y"

    def test_in_the_bodies_of_functions_too(self) -> None:
        draft = Draft()
        draft.op("Relu", "y", draft.input("x"), control=(draft.op("NoOp", "wait"),))
        graph = Graph(
            nodes=(), outputs=(), functions={"f": FunctionBody(name="f", inputs=("x",), graph=draft.graph("y"))}
        )
        after = without_control_edges(graph).functions["f"].graph
        assert show(after) == "x = Placeholder()\ny = Relu(x)\n-> y"
