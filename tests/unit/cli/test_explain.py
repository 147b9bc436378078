"""What ``tfjsci convert --explain`` makes of the rewriting's notes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pipeline_stage import converted

from tfjsci.cli.explain import Explanation, as_data, as_lines, explain
from tfjsci.rewrite.engine import Refusal
from tfjsci.rewrite.pipeline import STAGES
from tfjsci.rewrite.stage import Stage


def told(by_stage: dict[str, dict[str, int]], *refusals: Refusal) -> Explanation:
    model = converted()
    rewritten = replace(model.rewritten, by_stage=by_stage, refusals=refusals)
    return explain("m.keras", replace(model, rewritten=rewritten))


def refusal(stage: str, rule: str, node: str, reason: str) -> Refusal:
    return Refusal(stage=stage, rule=rule, node=node, reason=reason)


def test_rules_stand_under_their_stage_in_the_order_in_which_they_are_tried() -> None:
    lines = as_lines(told({"fusing": {"fuse_bias": 2}, "folding": {"merge_biases": 1, "fold_batch_norm": 3}}))
    names = [line for line in lines if line.startswith("applied") or " × " in line]
    assert names == [
        "applied, folding:",
        "  fold_batch_norm × 3",
        "  merge_biases × 1",
        "applied, fusing:",
        "  fuse_bias × 2",
    ]
    assert "      BiasAdd(linear(x, w), b) -> fused(x, w, b)" in lines


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.rules], ids=lambda stage: stage.name)
def test_a_rule_of_several_patterns_is_one_rule(stage: Stage) -> None:
    for name in {rule.name for rule in stage.rules}:
        applied = told({stage.name: {name: 4}}).applied
        assert [(each.stage, each.rule, each.count) for each in applied] == [(stage.name, name, 4)]


def test_a_reason_is_told_once_a_stage_with_all_its_nodes_each_once() -> None:
    same = [refusal("fusing", "fuse_bias", node, "no") for node in ("a", "b", "a", "c")]
    others = refusal("fusing", "fuse_bias", "a", "never"), refusal("layout", "merge_transposes", "t", "no")
    assert [
        (each.stage, each.rule, each.reason, each.count, each.nodes) for each in told({}, *same, *others).declined
    ] == [
        ("layout", "merge_transposes", "no", 1, ("t",)),
        ("fusing", "fuse_bias", "no", 3, ("a", "b", "c")),
        ("fusing", "fuse_bias", "never", 1, ("a",)),
    ]


def test_what_is_moot_is_not_told() -> None:
    moot = replace(refusal("layout", "sink_transpose", "a", "nothing that it reads is transposed"), moot=True)
    assert told({}, moot).declined == ()


def test_many_nodes_are_counted_and_some_named() -> None:
    lines = as_lines(told({}, *[refusal("fusing", "fuse_bias", f"f/n{i}", "no") for i in range(9)]))
    assert "declined, fusing:" in lines
    assert "  fuse_bias × 9: no" in lines
    assert "      at f/n0, f/n1, f/n2, f/n3, f/n4 and 4 more" in lines


def test_as_data_nothing_is_left_out() -> None:
    data = as_data(
        told({"fusing": {"fuse_bias": 1}}, *[refusal("fusing", "fuse_bias", f"n{i}", "no") for i in range(9)])
    )
    assert data["applied"][0]["stage"] == "fusing"
    assert len(data["declined"][0]["nodes"]) == 9


@pytest.mark.parametrize("stage", [each for each in STAGES if each.wholes], ids=lambda each: each.name)
def test_a_rewrite_of_the_whole_graph_declines_as_a_rule_does(stage: Stage) -> None:
    named = stage.wholes[0].name
    (declined,) = told({}, refusal(stage.name, named, "loop", "no twin")).declined
    assert (declined.stage, declined.rule, declined.reason, declined.nodes) == (stage.name, named, "no twin", ("loop",))
