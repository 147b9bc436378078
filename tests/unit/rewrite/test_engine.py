"""The engine's safety claims, each beside its near miss. The rules here are toys: what they compute doesn't matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from graph_draft import Draft, values

from tfjsci.graph.graph import Constant, FunctionBody, Graph, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import MAX_SWEEPS, Refusal, apply_rules
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import BehindNewRoot, Declined, NewConst, NewNode, Replacement, Rule, again


def merged(match: Match) -> Replacement:
    """(x + a) + b -> x + (a + b)"""
    first, second = match.value("a"), match.value("b")
    total = Constant(value=np.asarray(first.value + second.value), sources=first.sources + second.sources)
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op="AddV2",
            inputs=(match.tensors["x"], NewConst(name=match.tensors["a"], constant=total)),
        )
    )


MERGE = Rule(
    name="merge",
    equation="(x + a) + b -> x + (a + b)",
    pattern=op("AddV2", op("AddV2", any_tensor("x"), constant("a"), name="inner"), constant("b"), name="outer"),
    rewrite=merged,
)


def two_additions(more: Callable[[Draft], None] = lambda _: None, *outputs: str) -> Graph:
    """(x + a) + b, called ``inner`` and ``outer``, and whatever else the test puts beside it."""
    draft = Draft()
    draft.input("x")
    draft.const("a", 1.0)
    draft.const("b", 2.0)
    draft.op("AddV2", "inner", "x", "a", origin="first")
    draft.op("AddV2", "outer", "inner", "b", origin="second")
    more(draft)
    return draft.graph("outer", *outputs)


def test_rewrites_what_fits() -> None:
    result = apply_rules(two_additions(), [MERGE])
    assert show(result.graph) == "x = Placeholder()\nouter = AddV2(x, a)\n-> outer"
    assert values(result.graph) == {"a": 3.0}
    assert (result.applied, result.refusals) == ({"merge": 1}, ())


def test_the_root_keeps_its_name_and_takes_the_origins_of_all() -> None:
    assert apply_rules(two_additions(), [MERGE]).graph["outer"].origin == ("second", "first")


def test_the_new_weight_remembers_what_it_was_made_of() -> None:
    assert apply_rules(two_additions(), [MERGE]).graph.constants["a"].sources == ("a", "b")


def test_a_chain_collapses_sweep_by_sweep() -> None:
    graph = two_additions(lambda d: d.op("AddV2", "third", "outer", d.const("c", 4.0)) and None, "third")
    graph = replace(graph, outputs=("third",)).pruned()
    result = apply_rules(graph, [MERGE])
    assert show(result.graph) == "x = Placeholder()\nthird = AddV2(x, a)\n-> third"
    assert values(result.graph) == {"a": 7.0}
    assert result.applied == {"merge": 2}


class TestLeavesAlone:
    """Each is ``two_additions`` with one thing more."""

    def unchanged(self, graph: Graph) -> None:
        result = apply_rules(graph, [MERGE])
        assert show(result.graph) == show(graph)
        assert values(result.graph) == values(graph)
        assert result.applied == {}

    def test_when_somebody_else_reads_a_middle_node(self) -> None:
        self.unchanged(two_additions(lambda d: d.op("Relu", "other", "inner") and None, "other"))

    def test_when_somebody_else_reads_a_second_output_of_a_middle_node(self) -> None:
        self.unchanged(two_additions(lambda d: d.op("Relu", "other", "inner:1") and None, "other"))

    def test_when_somebody_waits_for_a_middle_node(self) -> None:
        self.unchanged(two_additions(lambda d: d.op("Relu", "other", "x", control=("inner",)) and None, "other"))

    def test_when_a_middle_node_is_an_output(self) -> None:
        self.unchanged(two_additions(lambda _: None, "inner"))

    def test_when_a_second_output_of_a_middle_node_is_an_output(self) -> None:
        self.unchanged(two_additions(lambda _: None, "inner:1"))

    def test_when_a_second_output_of_the_root_is_read(self) -> None:
        self.unchanged(two_additions(lambda d: d.op("Relu", "other", "outer:1") and None, "other"))

    def test_when_a_second_output_of_the_root_is_an_output(self) -> None:
        self.unchanged(two_additions(lambda _: None, "outer:1"))

    def test_when_a_middle_node_has_to_wait(self) -> None:
        draft = Draft()
        draft.input("x")
        draft.op("Assert", "check")
        draft.op("AddV2", "inner", "x", draft.const("a", 1.0), control=("check",))
        draft.op("AddV2", "outer", "inner", draft.const("b", 2.0))
        self.unchanged(draft.graph("outer"))

    def test_when_the_root_waits_for_a_middle_node(self) -> None:
        draft = Draft()
        draft.input("x")
        draft.op("AddV2", "inner", "x", draft.const("a", 1.0))
        draft.op("AddV2", "outer", "inner", draft.const("b", 2.0), control=("inner",))
        self.unchanged(draft.graph("outer"))

    def test_when_what_may_be_anything_is_a_middle_node(self) -> None:
        draft = Draft()
        draft.input("x")
        draft.op("Pad", "pad", "x", draft.const("p", 1))
        draft.op("Conv2D", "conv", "pad", "pad")
        graph = draft.graph("conv")
        rule = Rule(
            name="toy",
            equation="",
            pattern=op(
                "Conv2D", op("Pad", any_tensor("x"), constant("p"), name="pad"), any_tensor("kernel"), name="conv"
            ),
            rewrite=lambda m: Replacement(
                root=NewNode(name="conv", op="Conv2D", inputs=(m.tensors["x"], m.tensors["kernel"]))
            ),
        )
        assert show(apply_rules(graph, [rule]).graph) == show(graph)


class TestAppliesBesideANearMiss:
    def test_when_the_root_is_read_twice(self) -> None:
        result = apply_rules(two_additions(lambda d: d.op("Mul", "other", "outer", "outer") and None, "other"), [MERGE])
        assert show(result.graph) == (
            "x = Placeholder()\nouter = AddV2(x, a)\nother = Mul(outer, outer)\n-> outer, other"
        )

    def test_when_the_root_has_to_wait_and_the_edge_stays(self) -> None:
        draft = Draft()
        draft.input("x")
        draft.op("Assert", "check")
        draft.op("AddV2", "inner", "x", draft.const("a", 1.0))
        draft.op("AddV2", "outer", "inner", draft.const("b", 2.0), control=("check",))
        after = apply_rules(draft.graph("outer"), [MERGE]).graph
        assert show(after) == "x = Placeholder()\ncheck = Assert()\nouter = AddV2(x, a, ^check)\n-> outer"

    def test_when_somebody_waits_for_the_root(self) -> None:
        graph = two_additions(lambda d: d.op("Relu", "other", "x", control=("outer",)) and None, "other")
        after = apply_rules(graph, [MERGE]).graph
        assert show(after) == "x = Placeholder()\nouter = AddV2(x, a)\nother = Relu(x, ^outer)\n-> outer, other"

    def test_when_a_graph_spells_the_first_output_out(self) -> None:
        draft = Draft()
        draft.input("x")
        draft.op("AddV2", "inner", "x:0", draft.const("a", 1.0) + ":0")
        draft.op("AddV2", "outer", "inner:0", draft.const("b", 2.0) + ":0")
        after = apply_rules(draft.graph("outer:0"), [MERGE]).graph
        assert show(after) == "x = Placeholder()\nouter = AddV2(x, a)\n-> outer"


class TestSharedConstants:
    def test_the_other_reader_keeps_the_old_value(self) -> None:
        graph = two_additions(lambda d: d.op("Mul", "other", "x", "a") and None, "other")
        after = apply_rules(graph, [MERGE]).graph
        assert show(after) == "x = Placeholder()\nouter = AddV2(x, a_1)\nother = Mul(x, a)\n-> outer, other"
        assert values(after) == {"a_1": 3.0, "a": 1.0}

    def test_two_matches_get_a_copy_each(self) -> None:
        def again_with_c(draft: Draft) -> None:
            draft.op("AddV2", "inner2", "x", "a")
            draft.op("AddV2", "outer2", "inner2", draft.const("c", 10.0))

        after = apply_rules(two_additions(again_with_c, "outer2"), [MERGE]).graph
        assert show(after) == ("x = Placeholder()\nouter = AddV2(x, a_1)\nouter2 = AddV2(x, a_2)\n-> outer, outer2")
        assert values(after) == {"a_1": 3.0, "a_2": 11.0}

    def test_one_that_is_an_output_keeps_its_value(self) -> None:
        after = apply_rules(two_additions(lambda _: None, "a"), [MERGE]).graph
        assert values(after) == {"a": 1.0, "a_1": 3.0}
        assert after.outputs == ("outer", "a")

    def test_one_match_may_read_the_same_twice(self) -> None:
        draft = Draft()
        draft.input("x")
        draft.const("a", 1.0)
        draft.op("AddV2", "outer", draft.op("AddV2", "inner", "x", "a"), "a")
        after = apply_rules(draft.graph("outer"), [MERGE]).graph
        assert (show(after), values(after)) == ("x = Placeholder()\nouter = AddV2(x, a)\n-> outer", {"a": 2.0})

    def test_the_value_handed_in_is_the_same_afterwards(self) -> None:
        graph = two_additions()
        before = show(graph, attrs=True, constants=True), values(graph)
        apply_rules(graph, [MERGE])
        assert (show(graph, attrs=True, constants=True), values(graph)) == before


class TestNewThings:
    """What a rule makes can't be mistaken for what the graph has, whatever the names."""

    @staticmethod
    def rule(rewrite: Callable[[Match], Replacement | Declined]) -> Rule:
        return Rule(name="toy", equation="", pattern=MERGE.pattern, rewrite=rewrite)

    def test_a_weight_wanted_under_the_inputs_name(self) -> None:
        def named_x(match: Match) -> Replacement:
            new = NewConst(name="x", constant=Constant(value=np.array(9.0)))
            return Replacement(root=NewNode(name="outer", op="Mul", inputs=("x", new)))

        after = apply_rules(two_additions(), [self.rule(named_x)]).graph
        assert show(after) == "x = Placeholder()\nouter = Mul(x, x_1)\n-> outer"

    def test_two_weights_wanted_under_one_name(self) -> None:
        def twins(match: Match) -> Replacement:
            one, two = (NewConst(name="a", constant=Constant(value=np.array(v))) for v in (5.0, 6.0))
            return Replacement(root=NewNode(name="outer", op="AddN", inputs=("x", one, two)))

        after = apply_rules(two_additions(), [self.rule(twins)]).graph
        assert show(after) == "x = Placeholder()\nouter = AddN(x, a, a_1)\n-> outer"
        assert values(after) == {"a": 5.0, "a_1": 6.0}

    def test_a_new_weight_beside_the_old_one_of_its_name(self) -> None:
        def beside(match: Match) -> Replacement:
            new = NewConst(name="a", constant=Constant(value=np.array(9.0)))
            return Replacement(
                root=NewNode(name="outer", op="Mul", inputs=(again(match.nodes["inner"]), new)),
            )

        after = apply_rules(two_additions(), [self.rule(beside)]).graph
        assert show(after) == "x = Placeholder()\ninner = AddV2(x, a)\nouter = Mul(inner, a_1)\n-> outer"
        assert values(after) == {"a": 1.0, "a_1": 9.0}

    def test_an_inner_node_wanted_under_a_name_that_is_taken(self) -> None:
        def nested(match: Match) -> Replacement:
            new = NewNode(name="x", op="Neg", inputs=("x",))
            return Replacement(root=NewNode(name="outer", op="Relu", inputs=(new,)))

        after = apply_rules(two_additions(), [self.rule(nested)]).graph
        assert show(after) == "x = Placeholder()\nx_1 = Neg(x)\nouter = Relu(x_1)\n-> outer"

    def test_one_new_node_read_twice_is_one_node(self) -> None:
        def shared(match: Match) -> Replacement:
            new = NewNode(name="new", op="Neg", inputs=("x",))
            return Replacement(root=NewNode(name="outer", op="Mul", inputs=(new, new)))

        after = apply_rules(two_additions(), [self.rule(shared)]).graph
        assert show(after) == "x = Placeholder()\nnew = Neg(x)\nouter = Mul(new, new)\n-> outer"

    def test_the_roots_wish_is_not_heard(self) -> None:
        def renamed(match: Match) -> Replacement:
            return Replacement(root=NewNode(name="better", op="Relu", inputs=("x",)))

        assert apply_rules(two_additions(), [self.rule(renamed)]).graph.outputs == ("outer",)
        assert "better" not in apply_rules(two_additions(), [self.rule(renamed)]).graph


class TestTypes:
    FLOAT = TensorType(dtype="float32", shape=(None, 3))

    def test_the_root_keeps_its_own_and_what_is_gone_has_none(self) -> None:
        types = dict.fromkeys(("x", "inner", "inner:1", "outer", "outer:1"), self.FLOAT)
        after = apply_rules(replace(two_additions(), types=types), [MERGE]).graph
        assert dict(after.types) == {"x": self.FLOAT, "outer": self.FLOAT}

    def test_a_weight_that_took_a_name_over_has_its_own(self) -> None:
        types = {"a": TensorType(dtype="float32", shape=(7, 7))}
        after = apply_rules(replace(two_additions(), types=types), [MERGE]).graph
        assert after.type_of("a") == TensorType(dtype="float32", shape=())

    def test_a_middle_node_that_is_put_in_again_keeps_its_own(self) -> None:
        def activated(match: Match) -> Replacement:
            return Replacement(root=NewNode(name="outer", op="Relu", inputs=(again(match.nodes["inner"]),)))

        types = {"inner": self.FLOAT}
        after = apply_rules(replace(two_additions(), types=types), [TestNewThings.rule(activated)]).graph
        assert dict(after.types) == {"inner": self.FLOAT}


class TestDeclined:
    @staticmethod
    def stubborn(match: Match) -> Declined:
        return Declined(reason="not today")

    def test_is_recorded_with_rule_node_and_reason(self) -> None:
        result = apply_rules(two_additions(), [TestNewThings.rule(self.stubborn)])
        assert result.refusals == (Refusal(rule="toy", node="outer", reason="not today"),)
        assert show(result.graph) == show(two_additions())

    def test_lets_the_next_rule_try(self) -> None:
        result = apply_rules(two_additions(), [TestNewThings.rule(self.stubborn), MERGE])
        assert result.applied == {"merge": 1}

    def test_is_forgotten_when_the_place_is_gone(self) -> None:
        assert apply_rules(two_additions(), [TestNewThings.rule(self.stubborn), MERGE]).refusals == ()


class TestOverlappingMatches:
    def test_the_first_in_order_is_taken_and_the_other_seen_anew(self) -> None:
        draft = Draft()
        draft.input("x")
        last = "x"
        for i in range(5):
            last = draft.op("AddV2", f"n{i}", last, draft.const(f"c{i}", float(10**i)))
        result = apply_rules(draft.graph(last), [MERGE])
        assert show(result.graph) == "x = Placeholder()\nn4 = AddV2(x, c0)\n-> n4"
        assert (values(result.graph), result.applied) == ({"c0": 11111.0}, {"merge": 4})

    def test_the_first_rule_that_fits_wins(self) -> None:
        relu = TestNewThings.rule(lambda m: Replacement(root=NewNode(name="", op="Relu", inputs=("x",))))
        assert apply_rules(two_additions(), [relu, MERGE]).applied == {"toy": 1}
        assert apply_rules(two_additions(), [MERGE, relu]).applied == {"merge": 1}


class TestReadingBeyondThePattern:
    """A rule may look further than its pattern, and read what it finds there, while another takes that away."""

    @staticmethod
    def graph() -> Graph:
        draft = Draft()
        first = draft.typed("AddV2", "first", draft.input("x"), draft.const("a", 1.0))
        second = draft.typed("AddV2", "second", first, draft.const("b", 2.0))
        return draft.graph(draft.typed("Neg", "negative", draft.typed("Relu", "relu", second)))

    @staticmethod
    def past(tensor: str) -> Rule:
        """Neg(…) -> Abs(tensor)"""

        def rewrite(match: Match) -> Replacement | Declined:
            if tensor not in match.graph:
                return Declined(reason="it isn't there any more")
            return Replacement(
                root=NewNode(name=match.root.name, op="Abs", inputs=(tensor,), attrs={"T": match.root.attrs["T"]})
            )

        return Rule(name="past", equation="", pattern=op("Neg", any_tensor("y"), name="negative"), rewrite=rewrite)

    def test_what_another_rule_took_away_is_read_no_more(self) -> None:
        done = apply_rules(self.graph(), [MERGE, self.past("first")])
        assert done.applied == {"merge": 1}
        assert [refusal.reason for refusal in done.refusals] == ["it isn't there any more"]

    def test_a_weight_made_anew_under_the_same_name_is_not_mistaken_for_the_old_one(self) -> None:
        done = apply_rules(self.graph(), [MERGE, self.past("a")])
        assert done.applied == {"merge": 1, "past": 1}
        assert values(done.graph) == {"a": 3.0}, "it was read after the sweep that changed it, as it is now"

    def test_what_stays_is_read_at_once(self) -> None:
        done = apply_rules(self.graph(), [MERGE, self.past("x")])
        assert done.applied == {"merge": 1, "past": 1}
        assert show(done.graph) == "x = Placeholder()\nnegative = Abs(x)\n-> negative"


class TestFunctions:
    @staticmethod
    def with_body(body: Graph) -> Graph:
        function = FunctionBody(name="f", inputs=("x",), graph=body)
        return replace(two_additions(), functions={"f": function})

    def test_bodies_are_rewritten_too(self) -> None:
        result = apply_rules(self.with_body(two_additions()), [MERGE])
        assert show(result.graph.functions["f"].graph) == "x = Placeholder()\nouter = AddV2(x, a)\n-> outer"
        assert result.applied == {"merge": 2}

    def test_an_output_of_a_body_is_safe_in_it(self) -> None:
        body = two_additions(lambda _: None, "inner")
        assert show(apply_rules(self.with_body(body), [MERGE]).graph.functions["f"].graph) == show(body)

    def test_a_refusal_says_in_which(self) -> None:
        toy = TestNewThings.rule(TestDeclined.stubborn)
        assert [r.node for r in apply_rules(self.with_body(two_additions()), [toy]).refusals] == ["f/outer", "outer"]


def test_rules_that_never_rest_are_a_bug_and_named() -> None:
    swap = Rule(
        name="swap",
        equation="a + b -> b + a",
        pattern=op("AddV2", any_tensor("a"), any_tensor("b"), name="add"),
        rewrite=lambda m: Replacement(root=NewNode(name="", op="AddV2", inputs=(m.tensors["b"], m.tensors["a"]))),
    )
    draft = Draft()
    graph = draft.graph(draft.op("AddV2", "sum", draft.input("a"), draft.input("b")))
    with pytest.raises(RuntimeError, match=f"after {MAX_SWEEPS} sweeps .* come to rest: swap at sum"):
        apply_rules(graph, [swap])


def chained(*, also_first: bool) -> Rule:
    """Neg(x) -> Abs(Relu(x)); the second one, if it reads the first, reads what the first one's Abs reads."""

    def rewrite(match: Match) -> Replacement | Declined:
        if match.root.name == "first" and not also_first:
            return Declined(reason="not that one")
        read = BehindNewRoot(root="first") if match.root.name == "second" else match.tensors["x"]
        made = NewNode(name="", op="Relu", inputs=(read,))
        return Replacement(root=NewNode(name=match.root.name, op="Abs", inputs=(made,)))

    return Rule(name="chained", equation="", pattern=op("Neg", any_tensor("x"), name="neg"), rewrite=rewrite)


def two_in_a_row() -> Graph:
    draft = Draft()
    draft.op("Neg", "first", draft.input("x"))
    draft.op("Neg", "second", "first")
    return draft.graph("second")


def test_a_replacement_may_read_behind_another_ones_root() -> None:
    result = apply_rules(two_in_a_row(), [chained(also_first=True)])
    assert show(result.graph) == (
        "x = Placeholder()\nfirst/relu = Relu(x)\nsecond/relu = Relu(first/relu)\nsecond = Abs(second/relu)\n-> second"
    )
    assert result.applied == {"chained": 2}


def test_it_is_not_made_without_that_other_one() -> None:
    before = two_in_a_row()
    result = apply_rules(before, [chained(also_first=False)])
    assert (show(result.graph), result.applied) == (show(before), {})
