"""The verdict as JUnit XML, in the dialect of pytest and Jenkins: whatever shows test results shows models.

A model is a test suite. Its stages are test cases with their durations: one that couldn't be done is an ``error``. So
is each limit that was held against a fact: a missed one is a ``failure`` with the reason and what to do, a warning
passes and says so in its output. Names hold no numbers, so that a case is the same one in every run. A failure of the
run itself is a suite of its own.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tfjsci.escape import MESSAGE_LIMIT, one_line, shorten
from tfjsci.report.advice import UNSUPPORTED_OPS, Step, findings, reproduce
from tfjsci.report.variants import environments
from tfjsci.results.run_result import Failure, ModelResult, RunResult
from tfjsci.verdict import Judgement

RUN_SUITE = "(run)"
"""The suite of what the run itself couldn't do. No model can be called that: names have no parentheses."""

NOT_JUDGED = "nothing was held against anything"

_NAME_LIMIT = 200
_MESSAGE_LIMIT = 400
_MOST_NODES = 20
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def render_junit(run: RunResult) -> str:
    """The XML file."""
    root = ET.Element("testsuites", {"name": "tfjsci"})
    if run.failures:
        _suite(root, run, RUN_SUITE, 0.0, [_run_failures(run)], {})
    for model in run.models:
        seconds = sum(each.seconds for each in model.durations)
        cases = [*_stages(run, model), *_judgements(run, model)]
        _suite(root, run, one_line(model.name, _NAME_LIMIT), seconds, cases, _properties(run, model))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _seconds(run.duration_seconds))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(
    root: ET.Element, run: RunResult, name: str, seconds: float, cases: Sequence[ET.Element], properties: dict[str, str]
) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": name, "tests": str(len(cases))})
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _seconds(seconds))
    if _TIMESTAMP.fullmatch(run.started_at):
        suite.set("timestamp", run.started_at)
    if properties:
        listed = ET.SubElement(suite, "properties")
        for key, value in properties.items():
            ET.SubElement(listed, "property", {"name": key, "value": one_line(value, _MESSAGE_LIMIT)})
    seen: dict[tuple[str | None, str], int] = {}
    for case in cases:
        # Two of one name would be taken for two runs of one case.
        title = case.get("name", "")
        same = (case.get("classname"), title)
        seen[same] = seen.get(same, 0) + 1
        if seen[same] > 1:
            case.set("name", f"{title} ({seen[same]})")
        suite.append(case)


def _run_failures(run: RunResult) -> ET.Element:
    case = _case(run, RUN_SUITE, "the run can be done", line=1)
    _error(case, run.failures)
    return case


def _stages(run: RunResult, model: ModelResult) -> Iterator[ET.Element]:
    seconds = {each.stage: each.seconds for each in model.durations}
    for stage in dict.fromkeys([*run.stages, *(each.stage for each in model.failures)]):
        case = _case(run, one_line(model.name, _NAME_LIMIT), one_line(stage, _NAME_LIMIT), line=model.line)
        case.set("time", _seconds(seconds.get(stage, 0.0)))
        failures = [each for each in model.failures if each.stage == stage]
        if failures:
            _error(case, failures, more=[*_unsupported(model, failures), _again(run, model)])
        elif stage not in seconds:
            ET.SubElement(case, "skipped", {"message": "not run"})
        yield case


def _judgements(run: RunResult, model: ModelResult) -> Iterator[ET.Element]:
    name = one_line(model.name, _NAME_LIMIT)
    steps = {id(each): finding.steps for finding in findings(model) for each in finding.judgements}
    if not model.judgements and not model.failures:
        case = _case(run, name, "judged", line=model.line)
        ET.SubElement(case, "skipped", {"message": NOT_JUDGED})
        yield case
    for each in model.judgements:
        of = f"{name}.{one_line(each.variant, _NAME_LIMIT)}" if each.variant else name
        case = _case(run, of, _gate(each), line=model.line)
        told = [each.reason, f"limit: {each.key}"]
        if each.level == "off":
            ET.SubElement(case, "skipped", {"message": "level: off"})
        elif each.outcome == "fail":
            told += [*_numbered(steps.get(id(each), ())), _again(run, model)]
            failure = ET.SubElement(case, "failure", {"message": one_line(each.reason, _MESSAGE_LIMIT)})
            failure.set("type", one_line(each.gate))
            failure.text = _text(told)
        else:
            warns = each.outcome == "warn"
            told = ["warning: " + told[0], *told[1:], *_numbered(steps.get(id(each), ()))] if warns else told
            ET.SubElement(case, "system-out").text = _text(told)
        yield case


def _gate(judgement: Judgement) -> str:
    where = f" on {one_line(judgement.backend)}" if judgement.backend else ""
    output = f" of {one_line(judgement.output)}" if judgement.output else ""
    own = f" {one_line(judgement.metric)}" if judgement.metric else ""
    between = " between backends" if judgement.between_backends else ""
    return f"{one_line(judgement.gate)}{own}{between}{where}{output}"


def _case(run: RunResult, classname: str, name: str, *, line: int) -> ET.Element:
    place = {"file": one_line(run.manifest, _MESSAGE_LIMIT), "line": str(max(1, line))}
    return ET.Element("testcase", {"classname": classname, "name": name, "time": "0", **place})


def _error(case: ET.Element, failures: Sequence[Failure], *, more: Sequence[str] = ()) -> None:
    first = failures[0]
    message = one_line(first.message.strip().partition("\n")[0], _MESSAGE_LIMIT)
    others = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
    told: list[str] = []
    for each in failures:
        where = ", ".join(name for name in (each.variant, each.backend) if name)
        told += [f"{where}: {each.message.strip()}" if where else each.message.strip()]
        told += [f"To fix it: {each.hint}"] if each.hint else []
    error = ET.SubElement(case, "error", {"message": message + others, "type": one_line(first.code)})
    error.text = _text([*told, *more])


def _unsupported(model: ModelResult, failures: Sequence[Failure]) -> Iterator[str]:
    if model.op_check is None or not any(each.code == UNSUPPORTED_OPS for each in failures):
        return
    for op in model.op_check.unsupported:
        yield f"{op.op} × {op.count} can't run on {', '.join(op.backends)}: {op.reason}"
        yield f"  at {', '.join(one_line(node) for node in op.nodes[:_MOST_NODES])}"
        if op.layers:
            yield f"  layers {', '.join(one_line(layer) for layer in op.layers[:_MOST_NODES])}"
        yield f"  tried: {op.attempts}"
        yield f"  {op.hint}"


def _numbered(steps: Sequence[Step]) -> Iterator[str]:
    for n, step in enumerate(steps, start=1):
        yield f"{n}. {step.text.format(*(one_line(name, _NAME_LIMIT) for name in step.names))}"


def _again(run: RunResult, model: ModelResult) -> str:
    return f"To see it again: {reproduce(run, model)}"


def _properties(run: RunResult, model: ModelResult) -> dict[str, str]:
    machine = run.machine
    properties = {
        "manifest": run.manifest,
        "line": str(model.line),
        "source": model.source,
        "outcome": model.outcome,
        "tfjsci": run.tfjsci,
        "tensorflow": machine.tensorflow or "not used",
        "keras": machine.keras or "not used",
        "python": machine.python,
        "platform": machine.platform,
        "cpu": machine.cpu,
        "cores": str(machine.cores),
    }
    for each in environments(replace(run, models=(model,))):
        properties |= {
            f"{each.backend}.renderer": each.renderer,
            f"{each.backend}.software": "true" if each.software else "false",
            f"{each.backend}.browser": each.browser,
            f"{each.backend}.tfjs": each.tfjs,
        }
    return properties


def _text(lines: Sequence[str]) -> str:
    """Lines without what XML can't hold: control characters and the like are shown as pictures or numbers."""
    return "\n".join(
        one_line(line, MESSAGE_LIMIT) for each in lines for line in shorten(each, MESSAGE_LIMIT).splitlines()
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
