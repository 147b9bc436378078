"""The step's exit code, and what it hands on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from unit.report import fixtures

from tfjsci.action.outcome import Outcome, step_exit_code
from tfjsci.action.publish import creates
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin, DroppedModels
from tfjsci.baseline.difference import difference
from tfjsci.errors import EnvironmentFailed, UsageError
from tfjsci.github.inputs import CommentMode, FailOn

WARNS = Outcome(run=fixtures.run_result(fixtures.warning()))
FAILS = Outcome(run=fixtures.mixed())
PASSES = Outcome(run=fixtures.all_pass())
REFUSED = Outcome(error=UsageError("no"))
LACKING = Outcome(error=EnvironmentFailed("no"))


@pytest.mark.parametrize(
    ("outcome", "codes"),
    [(PASSES, (0, 0, 0)), (WARNS, (0, 1, 0)), (FAILS, (1, 1, 0)), (REFUSED, (2, 2, 2)), (LACKING, (3, 3, 3))],
)
def test_fail_on_is_about_verdicts_alone(outcome: Outcome, codes: tuple[int, int, int]) -> None:
    levels: tuple[FailOn, ...] = ("error", "warn", "never")
    assert tuple(step_exit_code(outcome, level) for level in levels) == codes


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("always", "yyyy"), ("changes", "nyyy"), ("failures", "nnyy")],
)
def test_when_there_is_enough_to_tell(mode: CommentMode, expected: str) -> None:
    told = "".join("y" if creates(mode, outcome) else "n" for outcome in (PASSES, WARNS, FAILS, REFUSED))
    assert told == expected


def test_a_difference_from_the_base_is_enough_to_tell() -> None:
    before, now = fixtures.artifact("digits", "float", 10_000), fixtures.artifact("digits", "float", 12_000)
    for head, expected in ((before, False), (replace(now, sha256="other"), True)):
        changes = difference(before, head, base_comparisons=(), head_comparisons=())
        held = BaselineComparison(origin=BaseOrigin(kind="ref", name="main"), variants=(changes,))
        outcome = Outcome(run=fixtures.run_result(replace(fixtures.digits(), baseline=held)))
        assert creates("changes", outcome) is expected
        assert creates("failures", outcome) is False


def test_a_model_that_only_the_base_has_is_enough_to_tell() -> None:
    dropped = DroppedModels(origin=BaseOrigin(kind="ref", name="main"), names=("old",))
    for told, expected in ((dropped, True), (None, False)):
        assert creates("changes", Outcome(run=replace(fixtures.all_pass(), dropped=told))) is expected


def test_paths_are_from_the_workspace(tmp_path: Path) -> None:
    inside = Outcome(run=fixtures.mixed(), results=tmp_path / "out/results.json", report=Path("/elsewhere/report.md"))
    outputs = inside.outputs(tmp_path, "")
    assert (outputs["results"], outputs["report"]) == ("out/results.json", "/elsewhere/report.md")
