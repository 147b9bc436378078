"""The verdict as a badge: JSON that shields.io's endpoint badge reads (its schema version 1).

Put it where the web can reach it, and the badge is ``https://img.shields.io/endpoint?url=…``.
"""

from __future__ import annotations

import json

from tfjsci.report.headline import headline
from tfjsci.results.run_result import RunResult
from tfjsci.verdict import Outcome, worst

COLORS: dict[Outcome, str] = {"pass": "brightgreen", "warn": "yellow", "fail": "red"}

NOTHING_JUDGED = "lightgrey"
"""No model, or none that anything was held against: not a pass."""


def render_badge(run: RunResult) -> str:
    """The endpoint's JSON: the headline in two parts, and its colour. No names from outside are in it."""
    label, _, message = headline(run).partition(": ")
    outcome: Outcome = "fail" if run.failures else worst(model.outcome for model in run.models)
    judged = outcome != "pass" or any(model.judgements for model in run.models)
    badge = {
        "schemaVersion": 1,
        "label": label,
        "message": message,
        "color": COLORS[outcome] if judged else NOTHING_JUDGED,
        # An error badge's colour can't be overridden: ?color=green in somebody's README would hide a failure.
        "isError": outcome == "fail",
    }
    return json.dumps(badge, indent=2, ensure_ascii=False) + "\n"
