"""Misses as remarks at the manifest's lines: one for each model and rule, few enough for GitHub to show them all.

The runner takes ten of each level from a step and drops the rest without a word. So there are at most nine, gravest
first, and a tenth that counts the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tfjsci.catalog.check import UnsupportedOp
from tfjsci.errors import ManifestError
from tfjsci.github.commands import Annotation, AnnotationLevel
from tfjsci.report.advice import MANIFEST_DEFAULT, UNSUPPORTED_OPS, Step, findings
from tfjsci.report.headline import to_do_first, unhappy
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.verdict import Judgement

MOST_PER_LEVEL = 9
_MOST_NAMES = 5

KeyLines = Mapping[str, Mapping[str, int]]
"""By model: the manifest's line of each key's dotted path (``ModelSpec.key_lines``)."""


def manifest_place(manifest: Path, workspace: Path, prefix: str = "") -> str | None:
    """The manifest as the repository has it, None if it is outside of the workspace.

    ``prefix`` is put before it (``sub/`` or ``+sub/``), or with a minus (``-checkout/``) taken off its front.
    """
    try:
        path = manifest.absolute().resolve().relative_to(workspace.resolve()).as_posix()
    except ValueError:
        return None
    if prefix.startswith("-"):
        return path.removeprefix(prefix[1:])
    return prefix.removeprefix("+") + path


def annotate_run(run: RunResult, key_lines: KeyLines, *, file: str | None) -> list[Annotation]:
    """What doesn't pass, at most ten of a level."""
    remarks = [
        Annotation(level="error", message=_told(failure.message, failure.hint), title=failure.code, file=file)
        for failure in run.failures
    ]
    for model in unhappy(run):
        remarks += _of_model(model, key_lines.get(model.name, {}), file)
    return within_caps([*remarks, *_without_base(run, file)])


def _without_base(run: RunResult, file: str | None) -> Iterator[Annotation]:
    """One for each base that couldn't be had at all: the verdict stays, and nobody would look for it there."""
    held = [model.baseline for model in run.models if model.baseline is not None]
    for origin in dict.fromkeys(each.origin for each in held):
        reasons = [each.unclear for each in held if each.origin == origin]
        if reasons[0] is not None and len(set(reasons)) == 1:
            told = f"nothing was held against the base {origin.name}: {reasons[0]}"
            yield Annotation(level="warning", message=_told(told, None), title="baseline", file=file)


def annotate_manifest(error: ManifestError, *, file: str | None) -> list[Annotation]:
    """A manifest's mistakes, each at its line."""
    return within_caps(
        Annotation(
            level="error",
            message=_told(f"{problem.path}: {problem.message}" if problem.path else problem.message, problem.hint),
            title="manifest",
            file=file,
            line=problem.line or None,
        )
        for problem in error.problems
    )


def within_caps(remarks: Iterable[Annotation]) -> list[Annotation]:
    """The first nine of each level in their order, and a tenth that says how many more there are."""
    by_level: dict[AnnotationLevel, list[Annotation]] = {"error": [], "warning": [], "notice": []}
    for remark in remarks:
        by_level[remark.level].append(remark)
    kept = []
    for level, all_of_it in by_level.items():
        # Ten fit: the tenth may as well be a remark if it is the last.
        shown = all_of_it if len(all_of_it) <= MOST_PER_LEVEL + 1 else all_of_it[:MOST_PER_LEVEL]
        kept += shown
        if len(all_of_it) > len(shown):
            more = f"and {len(all_of_it) - len(shown)} more, in the report"
            kept.append(Annotation(level=level, message=more, title="tfjsci", file=shown[0].file))
    return kept


def _of_model(model: ModelResult, lines: Mapping[str, int], file: str | None) -> Iterator[Annotation]:
    source = lines.get("source", model.line)
    for number, failure in enumerate(model.failures):
        if failure.code == UNSUPPORTED_OPS and model.op_check and model.op_check.unsupported:
            for op in model.op_check.unsupported:
                yield Annotation(
                    level="error", message=_op(op), title=f"{model.name}: {op.op} can't run", file=file, line=source
                )
            continue
        first = to_do_first(model)
        message, hint = (first.reason, first.hint) if number == 0 else (failure.message, failure.hint)
        yield Annotation(
            level="error", message=_told(message, hint), title=f"{model.name}: {failure.code}", file=file, line=source
        )
    for finding in findings(model):
        by_rule: dict[str, list[Judgement]] = {}
        for judgement in finding.judgements:
            by_rule.setdefault(judgement.gate, []).append(judgement)
        for gate, misses in by_rule.items():
            more = f" (and {len(misses) - 1} more of it)" if len(misses) > 1 else ""
            advice = _sentence(finding.steps[0]) if finding.steps else None
            yield Annotation(
                level="error" if misses[0].outcome == "fail" else "warning",
                message=_told(misses[0].reason + more, advice),
                title=f"{model.name}: {gate}",
                file=file,
                line=line_of_key(misses[0].key, lines, model.line),
            )


def _op(op: UnsupportedOp) -> str:
    """All that is known of an op that can't run."""
    nodes = (
        f"{', '.join(op.nodes[:_MOST_NAMES])}{f' and {op.count - _MOST_NAMES} more' if op.count > _MOST_NAMES else ''}"
    )
    lines = [f"{op.op} × {op.count} can't run on {', '.join(op.backends)}: {op.reason}", f"Nodes: {nodes}"]
    lines += [f"Layers: {', '.join(op.layers[:_MOST_NAMES])}"] if op.layers else []
    return "\n".join([*lines, f"Tried: {op.attempts}", op.hint])


def line_of_key(key: str, lines: Mapping[str, int], otherwise: int) -> int:
    """The line of a key's path, or of the nearest path above it that the manifest has, or the model's."""
    path = key.removesuffix(MANIFEST_DEFAULT)
    while path:
        if path in lines:
            return lines[path]
        path = path.rpartition(".")[0]
    return otherwise


def _told(message: str, hint: str | None) -> str:
    return f"{message.strip()}\n{hint}" if hint else message.strip()


def _sentence(step: Step) -> str:
    return step.text.format(*step.names)
