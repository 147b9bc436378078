"""Verifying names what changed the numbers: each stage is made wrong in turn, by one of its rules and by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from graph_draft import Draft, weights
from lowering_cases import Example, floats, one_op
from rule_examples import FILES, examples_in, rule_of

from tfjsci.catalog.check import problems_of
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Constant, DType
from tfjsci.graph.graphdef import infer_types
from tfjsci.rewrite import pipeline
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.pattern import Match
from tfjsci.rewrite.pipeline import STAGES, rewrite_with
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule
from tfjsci.rewrite.rules import rules_of
from tfjsci.rewrite.stage import Means, RewrittenGraph, Stage
from tfjsci.verify.verification import Verification
from tfjsci.verify.verify import verify

MEANS = Means(evaluate=evaluate_in_tensorflow, infer=infer_types, problems=partial(problems_of, backends=BACKENDS))
MARK = "wrong"


def verified(example: Example) -> Verification:
    after = rewrite_with(example.graph, MEANS)
    outputs = [f"output {i}" for i in range(len(example.graph.outputs))]
    return verify(example.graph, after.graph, inputs=example.inputs, outputs=outputs, means=MEANS)


def made_wrong(rule: Rule) -> Rule:
    """The rule, with its first result half as much again."""

    def rewrite(match: Match) -> Replacement | Declined:
        done = rule.rewrite(match)
        if isinstance(done, Declined) or MARK in match.graph:
            return done
        factor = NewConst(name=MARK, constant=Constant(value=np.array(1.5, np.float32)))
        root = NewNode(name="", op="Mul", inputs=(done.root, factor), attrs={"T": DType("float32")})
        return replace(done, root=root)

    return replace(rule, rewrite=rewrite)


def with_floats_out(example: Example) -> bool:
    return all(value.dtype == np.float32 for value in example.reference())


RULED = [stage for stage in STAGES if stage.rules]


def stages_with(stage: Stage, name: str, rules: Sequence[Rule]) -> tuple[Stage, ...]:
    """All stages, with ``rules`` in this one, and the rule of this name in no other: in one go, enough for one result."""

    def of(each: Stage) -> Stage:
        if each is stage:
            return pipeline.ruled(stage.name, rules)
        others = [rule for rule in each.rules if rule.name != name]
        return each if len(others) == len(each.rules) else pipeline.ruled(each.name, others)

    return tuple(of(each) for each in STAGES)


def examples_of(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Example]]:
    """A rule's name and an example in which this stage applies it, for the rules of the stage."""
    for file in FILES:
        names = sorted({rule.name for rule in rules_of(rule_of(file)) if rule in stage.rules})
        for name, example in product(names, examples_in(file).values()):
            monkeypatch.setattr(pipeline, "STAGES", stages_with(stage, name, stage.rules))
            if name in rewrite_with(example.graph, MEANS).by_stage[stage.name] and with_floats_out(example):
                yield name, example


@pytest.mark.parametrize("stage", RULED, ids=lambda stage: stage.name)
def test_a_wrong_rule_is_named_with_its_stage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    name, example = next(examples_of(stage, monkeypatch))
    assert verified(example).status == "same"
    rules = [made_wrong(rule) if rule.name == name else rule for rule in stage.rules]
    monkeypatch.setattr(pipeline, "STAGES", stages_with(stage, name, rules))
    found = verified(example)
    assert (found.status, found.stage, found.rules) == ("different", stage.name, (name,))


def replace_stage(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, run: Callable[[RewrittenGraph, Means], RewrittenGraph]
) -> None:
    stages = tuple(replace(each, run=run) if each is stage else each for each in STAGES)
    monkeypatch.setattr(pipeline, "STAGES", stages)


def net() -> Example:
    """A convolution with a bias, an activation and a product behind it."""
    draft = Draft()
    y = draft.conv("conv", draft.input("x", (2, 4, 5, 3)), draft.const("w", weights(3, 3, 3, 4)))
    y = draft.typed("Tanh", "y", draft.bias_add("biased", y, draft.const("b", weights(4))))
    return Example(graph=draft.graph(y), inputs={"x": floats(2, 4, 5, 3)})


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_that_is_wrong_by_itself_is_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def halves_the_weights(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        done = stage.run(so_far, means)
        constants = {
            name: replace(constant, value=constant.value / 2) if constant.value.dtype == np.float32 else constant
            for name, constant in done.graph.constants.items()
        }
        return replace(done, graph=replace(done.graph, constants=constants))

    replace_stage(monkeypatch, stage, halves_the_weights)
    found = verified(net())
    assert (found.status, found.stage, found.rules) == ("different", stage.name, ())


def test_a_wrong_lowering_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def shifted(lowering: Lowering) -> Lowering:
        def lower(node: Subject) -> object:
            return lowering.lower(node) + 0.5  # type: ignore[operator]

        return replace(lowering, lower=lower)  # type: ignore[arg-type]

    wrong = tuple(shifted(each) if each.name == "softsign" else each for each in all_lowerings())
    monkeypatch.setattr(pipeline, "all_lowerings", lambda: wrong)
    found = verified(one_op("Softsign", floats(2, 3)))
    assert (found.status, found.stage, found.rules) == ("different", "lowering", ("softsign",))
