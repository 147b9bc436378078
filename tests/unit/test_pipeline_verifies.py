"""The rewriting is verified in each run: what is a bug of ours, what is noise, and what can't be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pipeline_stage import KERNEL, MANIFEST, Stage, converted, failures, graph

from tfjsci.verify.verification import Verification


def test_a_rewriting_that_changes_numbers_is_a_bug_of_ours_and_the_model_is_compared_all_the_same(stage: Stage) -> None:
    stage.models["a"] = converted(rewritten=graph(KERNEL * np.float32(1.01)))
    result = stage.run()
    a, b = result.models
    assert failures(a) == [("verify", "rewrite-bug", None, None)]
    assert (a.failures[0].exit_code, result.exit_code, a.outcome, b.outcome) == (70, 70, "fail", "pass")
    assert "output y: its SQNR is 40.0 dB, and 80 dB would be float noise" in a.failures[0].message
    assert a.failures[0].hint is not None
    assert a.failures[0].hint.endswith("Please report it, with the log file, and go on now with --no-verify.")
    assert a.verification is not None
    assert (a.verification.status, a.verification.output, a.verification.stage) == ("different", "y", None)
    assert len(a.comparisons) == len(a.benchmarks) == 4
    assert stage.watched.total == len(stage.watched.steps)


def test_one_that_rounds_elsewhere_is_none(stage: Stage) -> None:
    stage.models["a"] = converted(rewritten=graph(KERNEL * np.float32(1 + 1e-6)))
    a, _ = stage.run().models
    assert a.failures == ()
    assert a.verification is not None
    assert a.verification.status == "same"
    assert 115 < (a.verification.sqnr_db or 0) < 125


def test_what_cannot_be_run_is_told_and_fails_nothing(stage: Stage) -> None:
    nodes = tuple(replace(node, op="Conv3D") if node.name == "y" else node for node in graph().nodes)
    stage.models["a"] = converted(rewritten=replace(graph(), nodes=nodes))
    a, _ = stage.run().models
    reason = "the rewritten graph can't be run in TensorFlow: numpy has no Conv3D"
    assert a.verification == Verification(status="unverified", reason=reason)
    assert f"the rewriting wasn't verified: {reason}" in a.notes
    assert (a.failures, a.outcome) == ((), "pass")


def test_without_verifying_it_is_not_told_of(stage: Stage) -> None:
    a, _ = stage.run(verify=False).models
    assert a.verification is None
    assert not any("verify" in step for step in stage.watched.steps)
    assert stage.watched.total == len(stage.watched.steps) == 14 + 9


def test_rules_are_left_out_as_the_manifest_and_the_command_say(stage: Stage) -> None:
    manifest = MANIFEST.replace("b.keras}", "b.keras, without_rules: [fuse_bias]}")
    stage.run(manifest, without_rules=["fold_scale", "fuse_bias"], only=["convert"])
    assert stage.without == [("fold_scale", "fuse_bias"), ("fuse_bias", "fold_scale")]
