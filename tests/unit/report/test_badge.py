"""The badge says what the headline says, and its colour can't say less."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from unit.report import fixtures

from tfjsci.report.badge import render_badge
from tfjsci.results.run_result import RunResult


def badge(run: RunResult) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(render_badge(run))
    return content


def test_a_pass() -> None:
    assert badge(fixtures.all_pass()) == {
        "schemaVersion": 1,
        "label": "TensorFlow.js models",
        "message": "all 3 pass",
        "color": "brightgreen",
        "isError": False,
    }


@pytest.mark.parametrize(
    ("run", "message", "color", "error"),
    [
        (fixtures.mixed(), "2 of 4 fail, 1 warns", "red", True),
        (fixtures.run_result(fixtures.warning()), "1 model, it passes with warnings", "yellow", False),
        (fixtures.no_browser(), "the run is incomplete, 1 model, nothing was judged", "red", True),
        (fixtures.run_result(), "none were run", "lightgrey", False),
        (
            fixtures.run_result(replace(fixtures.digits(), judgements=())),
            "1 model, nothing was judged", "lightgrey", False,
        ),
    ],
)  # fmt: skip
def test_anything_else(run: RunResult, message: str, color: str, error: bool) -> None:
    shown = badge(run)
    assert (shown["message"], shown["color"], shown["isError"]) == (message, color, error)


def test_holds_no_names() -> None:
    assert "octocat" not in render_badge(fixtures.hostile())
