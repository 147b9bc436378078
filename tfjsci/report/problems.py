"""What failed or warns, model by model, and how to fix it; and the ops that can't run."""

from __future__ import annotations

from tfjsci.escape import code, markdown_text
from tfjsci.listed import plural
from tfjsci.report.advice import UNSUPPORTED_OPS, findings, reproduce, unmet
from tfjsci.report.alike import alike
from tfjsci.report.markup import failure_lines, names, numbered, step_text
from tfjsci.report.tables import VERDICT
from tfjsci.report.variants import ranked
from tfjsci.results.run_result import ModelResult, RunResult

_MOST_MISSES = 12
_MOST_NODES = 8


def problems(run: RunResult) -> list[str]:
    """Each model that doesn't pass: its misses with the numbers, numbered steps, and the command that repeats it."""
    lines: list[str] = []
    for model in ranked(run):
        if model.outcome != "pass":
            lines += [*_model(run, model), ""]
    return lines[:-1]


def unsupported_ops(run: RunResult) -> list[str]:
    """Every op that can't run, with where it comes from and what to do."""
    lines: list[str] = []
    for model in ranked(run):
        for op in model.op_check.unsupported if model.op_check else ():
            lines += [
                f"- {code(op.op)} in {code(model.name)}, {plural(op.count, 'node')}, can't run on "
                f"{', '.join(op.backends)}: {markdown_text(op.reason)}",
                *([f"  - nodes: {names(op.nodes, _MOST_NODES)}"] if op.nodes else []),
                *([f"  - layers: {names(op.layers, _MOST_NODES)}"] if op.layers else []),
                f"  - tried: {markdown_text(op.attempts)}",
                f"  - what to do: {markdown_text(op.hint)}",
            ]
    return lines


def lowered_ops(run: RunResult) -> list[str]:
    """Every op that was replaced because a wanted backend can't run it, and by which lowering."""
    lines: list[str] = []
    for model in ranked(run):
        for op in model.op_check.lowered if model.op_check else ():
            origin = f" (layers: {names(op.layers, _MOST_NODES)})" if op.layers else ""
            lines.append(
                f"- {code(op.op)} in {code(model.name)}, {plural(op.count, 'node')}{origin}, lowered by {code(op.by)} for "
                f"{op.beneficiaries} ({markdown_text(op.reason)})"
            )
    return lines


def notes(run: RunResult) -> list[str]:
    """What no gate says, but the reader should know."""
    return [f"- {code(model.name)}: {markdown_text(note)}" for model in ranked(run) for note in model.notes]


def _model(run: RunResult, model: ModelResult) -> list[str]:
    place = f"{code(run.manifest)} line {model.line}, source {code(model.source)}"
    lines = [f"**{code(model.name)}: {VERDICT[model.outcome]}** ({place})", ""]
    for failed in alike(model.failures):
        failure = failed.failure
        if failure.code == UNSUPPORTED_OPS and model.op_check and model.op_check.unsupported:
            count = len(model.op_check.unsupported)
            lines += [
                f"- ❌ fail ({markdown_text(failure.stage, 40)}): {plural(count, 'op')} can't run: see below",
                "",
            ]
        else:
            lines += [*failure_lines(failed), ""]
    for finding in findings(model):
        of = f" of {code(finding.variant)}" if finding.variant else ""
        lines += [f"{finding.title.capitalize()}{of}:", ""]
        misses = [
            f"- {VERDICT[each.outcome]}: {markdown_text(each.reason)} ({code(each.key, 120)})"
            for each in finding.judgements
        ]
        lines += misses[:_MOST_MISSES]
        if len(misses) > _MOST_MISSES:
            lines.append(f"- and {len(misses) - _MOST_MISSES} more in results.json")
        lines += ["", *numbered(step_text(step) for step in finding.steps), ""]
    lines += [line for step in unmet(model) for line in (step_text(step), "")]
    return [*lines, f"To see it again: {code(reproduce(run, model), 200)}"]
