"""The verdict in one line, and the one sentence for each model that says what to do first."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.listed import plural
from tfjsci.report.advice import UNSUPPORTED_OPS, Step, findings
from tfjsci.report.variants import ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.verdict import Outcome

_SINGLE: dict[Outcome, str] = {"pass": "passes", "warn": "passes with warnings", "fail": "fails"}


def headline(run: RunResult) -> str:
    """``TensorFlow.js models: 1 of 3 fails, 1 warns``. No icon: it becomes a subject line."""
    if not run.models and not run.failures:
        return "TensorFlow.js models: none were run"
    count = len(run.models)
    fails, warns = (sum(model.outcome == outcome for model in run.models) for outcome in ("fail", "warn"))
    told = []
    if run.failures:
        told.append("the run is incomplete")
    judged = any(model.judgements or model.failures for model in run.models)
    if not judged:
        told += [f"{plural(count, 'model')}, nothing was judged"] if count else []
    elif count == 1 and not run.failures:
        told.append(f"1 model, it {_SINGLE[run.models[0].outcome]}")
    elif fails:
        told.append(f"{fails} of {count} {'fails' if fails == 1 else 'fail'}")
        told += [f"{warns} {'warns' if warns == 1 else 'warn'}"] if warns else []
    elif not run.failures:
        told.append(f"all {count} pass" + (f", {warns} with warnings" if warns else ""))
    return f"TensorFlow.js models: {', '.join(told)}"


@dataclass(frozen=True, kw_only=True)
class First:
    """A model's gravest reason, and what to do about it: the error's own ``hint``, or a ``step`` of ours.

    ``reason`` and ``hint`` come from outside.
    """

    reason: str
    hint: str | None = None
    step: Step | None = None


def to_do_first(model: ModelResult) -> First:
    """What the reader of one line should know of a model that fails or warns."""
    if model.failures:
        failure = model.failures[0]
        unsupported = model.op_check.unsupported if model.op_check else ()
        if failure.code != UNSUPPORTED_OPS or not unsupported:
            return First(reason=failure.message.strip().partition("\n")[0], hint=failure.hint)
        op, others = unsupported[0], len(unsupported) - 1
        more = f" (and {plural(others, 'other op')})" if others else ""
        return First(reason=f"{op.op}{more} can't run on {', '.join(op.backends)}: {op.reason}", hint=op.hint)
    for finding in findings(model):
        return First(reason=finding.judgements[0].reason, step=finding.steps[0] if finding.steps else None)
    return First(reason="it has no judgement that says why")


def unhappy(run: RunResult) -> list[ModelResult]:
    """The models that fail or warn, gravest first."""
    return [model for model in ranked(run) if model.outcome != "pass"]
