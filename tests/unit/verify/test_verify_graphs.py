"""Rewriting verified with rules made here: a wrong one is found by its name, one that only rounds elsewhere isn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft
from numpy_evaluator import evaluate_in_numpy, infer_in_numpy

from tfjsci.errors import ExitCode
from tfjsci.graph.graph import Array, Constant, FunctionName, Graph, Node
from tfjsci.rewrite import pipeline
from tfjsci.rewrite.build import maximum
from tfjsci.rewrite.lowering import Lowering
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule
from tfjsci.rewrite.stage import Means, RewrittenGraph, Stage, ruled
from tfjsci.verify.verification import Verification
from tfjsci.verify.verify import bug_of, verify

X = {"x": np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)}
MEANS = Means(evaluate=evaluate_in_numpy, infer=infer_in_numpy)


def scaled(name: str, ops: str, factor: float, *, only_after: str = "") -> Rule:
    """A rule that changes the constant of such a node by ``factor``, once; ``only_after``: where that rule was before."""

    def rewrite(match: Match) -> Replacement | Declined:
        node = match.nodes["node"]
        marks = node.attrs.get("marks", b"")
        assert isinstance(marks, bytes)
        if name.encode() in marks.split() or (only_after and only_after.encode() not in marks.split()):
            return Declined(reason="done, or nothing to do")
        value = np.asarray(match.value("c").value * np.float32(factor))
        return Replacement(
            root=NewNode(
                name=node.name,
                op=node.op,
                inputs=(match.tensors["x"], NewConst(name=f"{node.name}/c", constant=Constant(value=value))),
                attrs={**node.attrs, "marks": marks + b" " + name.encode()},
            )
        )

    return Rule(name=name, equation="", pattern=op(ops, any_tensor("x"), constant("c"), name="node"), rewrite=rewrite)


RIGHT = scaled("right", "Mul|AddV2|MatMul", 1.0)
ROUNDS = scaled("rounds", "MatMul", 1 + 3e-7)
WRONG = scaled("wrong", "AddV2", 1.1)
WRONG_TOO = scaled("wrong_too", "Mul", 0.9)


def net() -> Graph:
    """MatMul, Mul, AddV2, Relu, and an output before the last."""
    draft = Draft()
    weights = np.random.default_rng(1).normal(size=(8, 5))
    y = draft.matmul("dense", draft.input("x", (None, 8)), draft.const("dense/kernel", weights))
    y = draft.typed("Mul", "scale", y, draft.const("gamma", weights[0]))
    y = draft.typed("AddV2", "shift", y, draft.const("beta", weights[1]))
    return draft.graph(draft.typed("Relu", "y", y), draft.typed("Neg", "z", "scale"))


def stages(monkeypatch: pytest.MonkeyPatch, *made: Stage) -> None:
    """These are the stages of rewriting now."""
    monkeypatch.setattr(pipeline, "STAGES", made)


def verified(
    graph: Graph, inputs: dict[str, Array] | None = None, *, outputs: Sequence[str] = ("y", "z"), means: Means = MEANS
) -> Verification:
    after = rewrite_with(graph, means).graph
    return verify(graph, after, inputs=inputs or X, outputs=outputs[: len(graph.outputs)], means=means)


def test_rules_that_are_right_keep_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    stages(monkeypatch, ruled("folding", [RIGHT]))
    assert verified(net()) == Verification(status="same")


def test_a_wrong_rule_is_found_among_right_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    stages(monkeypatch, ruled("first", [RIGHT]), ruled("folding", [RIGHT, ROUNDS, WRONG]), ruled("fusing", [ROUNDS]))
    found = verified(net())
    assert (found.status, found.output, found.stage, found.rules) == ("different", "y", "folding", ("wrong",))
    error = bug_of(found)
    assert (error.exit_code, error.code) == (ExitCode.BUG, "rewrite-bug")
    assert error.message.startswith(
        "rewriting changed the numbers, by wrong, in the stage “folding”: output y: its SQNR is "
    )
    assert "go on now with --no-rule wrong." in str(error.hint)


def test_and_without_it_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    stages(monkeypatch, ruled("folding", [RIGHT, ROUNDS, WRONG]))
    found = verified(net(), means=replace(MEANS, without=frozenset({"wrong"})))
    assert found.status == "same"


def test_a_rule_that_only_rounds_elsewhere_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stages(monkeypatch, ruled("folding", [RIGHT, ROUNDS]))
    found = verified(net())
    assert found.status == "same"
    assert 120 < (found.sqnr_db or 0) < 140


def test_two_wrong_rules_are_both_found(monkeypatch: pytest.MonkeyPatch) -> None:
    stages(monkeypatch, ruled("folding", [WRONG_TOO, RIGHT, WRONG]))
    assert verified(net()).rules == ("wrong_too", "wrong")


def test_a_wrong_rule_that_needs_a_right_one_before_it_is_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = scaled("second", "AddV2", 1.1, only_after="right")
    for rules in ([RIGHT, second], [second, RIGHT]):
        stages(monkeypatch, ruled("folding", rules))
        assert verified(net()).rules == ("second",)


def test_a_stage_that_has_no_rules_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        beta = so_far.graph["shift"].inputs[1]
        constants = {**so_far.graph.constants, beta: Constant(value=np.zeros(5, np.float32))}
        return replace(so_far, graph=replace(so_far.graph, constants=constants))

    stages(monkeypatch, ruled("folding", [RIGHT]), Stage(name="constants", run=careless), ruled("fusing", [RIGHT]))
    found = verified(net())
    assert (found.stage, found.rules) == ("constants", ())
    assert "go on now with --no-verify" in str(bug_of(found).hint)


def test_a_wrong_lowering_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Lowering(name="relu", ops=("Relu",), equation="", lower=lambda node: maximum(node.inputs[0], 0.0))
    wrong = Lowering(name="forgets_the_sign", ops=("Neg",), equation="", lower=lambda node: node.inputs[0] * 1.0)
    monkeypatch.setattr(pipeline, "all_lowerings", lambda: (right, wrong))
    draft = Draft()
    graph = draft.graph(draft.typed("Neg", "y", draft.typed("Relu", "r", draft.input("x", (None, 8)))))
    means = replace(MEANS, problems=lambda _, node: [("no kernel", ("cpu",))] if node.op in {"Neg", "Relu"} else [])
    found = verified(graph, means=means)
    assert (found.status, found.stage, found.rules) == ("different", "lowering", ("forgets_the_sign",))


class TestNoise:
    """A graph in which rounding shows: two large numbers whose difference is small."""

    @staticmethod
    def cancelling() -> Graph:
        draft = Draft()
        up = draft.typed("AddV2", "up", draft.input("x", (None, 8)), draft.const("large", [20000.3]))
        return draft.graph(draft.typed("Sub", "y", up, draft.const("back", [20000.3])))

    def test_as_much_as_the_last_bit_of_each_weight_makes_is_none_of_our_doing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stages(monkeypatch, ruled("folding", [scaled("rounds", "AddV2", 1 + 1.2e-7)]))
        found = verified(self.cancelling())
        assert found.status == "same"
        assert (found.sqnr_db or 99) < 60

    def test_much_more_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stages(monkeypatch, ruled("folding", [scaled("wrong", "AddV2", 1 + 5e-6)]))
        found = verified(self.cancelling())
        assert (found.status, found.rules) == ("different", ("wrong",))


class TestNotVerified:
    @staticmethod
    def with_node(node_op: str, **attrs: Any) -> Graph:
        draft = Draft()
        return draft.graph(draft.op(node_op, "y", draft.input("x", (None, 8)), **attrs))

    def test_an_op_that_cannot_be_run(self) -> None:
        found = verified(self.with_node("Conv2D"))
        reason = "the original graph can't be run in TensorFlow: numpy has no Conv2D"
        assert found == Verification(status="unverified", reason=reason)

    @pytest.mark.parametrize(
        "drawing", ["RandomUniform", "TruncatedNormal", "Multinomial", "LogUniformCandidateSampler"]
    )
    def test_one_that_is_different_each_time(self, drawing: str) -> None:
        found = verified(self.with_node(drawing))
        assert found.reason == f"the original graph can't be run in TensorFlow: it draws random numbers: {drawing} y"

    def test_a_loop_whose_body_is_not_there(self) -> None:
        found = verified(self.with_node("While", body=FunctionName("step")))
        reason = "it calls functions that aren't there: While y"
        assert found.reason == f"the original graph can't be run in TensorFlow: {reason}"

    def test_a_stage_that_cannot_be_run_by_itself_is_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def renamed(was: str, now: str) -> Stage:
            def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
                nodes: tuple[Node, ...] = tuple(
                    replace(node, op=now) if node.op == was else node for node in so_far.graph.nodes
                )
                return replace(so_far, graph=replace(so_far.graph, nodes=nodes))

            return Stage(name=f"{was} as {now}", run=run)

        stages(monkeypatch, renamed("Relu", "Odd"), renamed("Odd", "Relu"), ruled("folding", [WRONG]))
        assert verified(net()).rules == ("wrong",)


def test_the_callers_inputs_stay_writable(monkeypatch: pytest.MonkeyPatch) -> None:
    x = X["x"].copy()
    verified(net(), {"x": x})
    x += 1
