"""Misses and failures as SARIF 2.1.0, for code scanning: each at the line of the manifest where its model starts.

One rule for each gate and for each error of the catalogue, always all of them and in one order, so that an alert's rule
is the same one in every run. What passes isn't listed: code scanning would show it as an alert.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Literal
from urllib.parse import quote

from tfjsci.catalog.check import UnsupportedOp
from tfjsci.escape import MESSAGE_LIMIT, one_line, shorten
from tfjsci.report.advice import UNSUPPORTED_OPS, Step, findings, reproduce
from tfjsci.report.rules import RULES, Rule
from tfjsci.results.run_result import Failure, ModelResult, RunResult
from tfjsci.verdict import Judgement

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_MOST_NODES = 20
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?)(Z|\+00:00)")


def render_sarif(run: RunResult) -> str:
    """The log file, with one run in it."""
    found = list(_results(run))
    known = {rule.id: n for n, rule in enumerate(_rules(found))}
    for result in found:
        result["ruleIndex"] = known[result["ruleId"]]
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tfjsci",
                        "version": one_line(run.tfjsci, 40),
                        "rules": [_descriptor(rule) for rule in _rules(found)],
                    }
                },
                # Two manifests of one repository are two sets of alerts, neither of which closes the other's.
                "automationDetails": {"id": f"tfjsci/{_uri(run)}/"},
                "invocations": [_invocation(run)],
                "results": found,
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _rules(found: Iterable[dict[str, Any]]) -> list[Rule]:
    """The catalogue's, then those that this tfjsci doesn't know: a newer one's, or a stranger's."""
    ids = dict.fromkeys(result["ruleId"] for result in found)
    unknown = [
        Rule(id=each, title=each, text=f"The error {each}, which this tfjsci doesn't know.", hint="See its message.")
        for each in ids
        if each not in RULES
    ]
    return [*RULES.values(), *unknown]


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": _message([rule.title])},
        "fullDescription": {"text": _message([rule.text])},
        "help": {"text": _message([rule.hint])},
        "defaultConfiguration": {"level": "warning" if rule.id == "leak" else "error"},
    }


def _results(run: RunResult) -> Iterator[dict[str, Any]]:
    for failure in run.failures:
        yield _failure(run, None, failure)
    for model in run.models:
        for failure in model.failures:
            ops = model.op_check.unsupported if model.op_check and failure.code == UNSUPPORTED_OPS else ()
            if ops:
                yield from (_unsupported(run, model, op) for op in ops)
            else:
                yield _failure(run, model, failure)
        for finding in findings(model):
            for judgement in finding.judgements:
                yield _judgement(run, model, judgement, finding.steps)


def _failure(run: RunResult, model: ModelResult | None, failure: Failure) -> dict[str, Any]:
    where = ", ".join(name for name in (failure.stage, failure.variant, failure.backend) if name)
    told = [f"{model.name} ({where}): {failure.message.strip()}" if model else f"{where}: {failure.message.strip()}"]
    told += [f"To fix it: {failure.hint}"] if failure.hint else []
    identity = (failure.stage, failure.variant, failure.backend)
    return _result(run, model, failure.code, "error", told, identity, [failure.variant, failure.backend])


def _unsupported(run: RunResult, model: ModelResult, op: UnsupportedOp) -> dict[str, Any]:
    nodes = ", ".join(one_line(node) for node in op.nodes[:_MOST_NODES])
    more = f" and {op.count - _MOST_NODES} more" if op.count > _MOST_NODES else ""
    told = [f"{model.name}: {op.op} × {op.count} can't run on {', '.join(op.backends)}: {op.reason}"]
    told += [f"Nodes: {nodes}{more}"]
    told += [f"Layers: {', '.join(one_line(layer) for layer in op.layers[:_MOST_NODES])}"] if op.layers else []
    told += [f"Tried: {op.attempts}", f"To fix it: {op.hint}"]
    return _result(run, model, UNSUPPORTED_OPS, "error", told, (op.op, op.reason), [op.op])


def _judgement(run: RunResult, model: ModelResult, judgement: Judgement, steps: Sequence[Step]) -> dict[str, Any]:
    told = [f"{model.name}: {judgement.reason} ({judgement.key})"]
    told += [f"{n}. {_step(step)}" for n, step in enumerate(steps, start=1)]
    place = [judgement.variant, judgement.backend, judgement.output]
    level: Literal["error", "warning"] = "error" if judgement.outcome == "fail" else "warning"
    # Not the key: whether the limit is the default one or the manifest's doesn't make it another problem.
    return _result(run, model, judgement.gate, level, told, tuple(place), place)


def _result(
    run: RunResult,
    model: ModelResult | None,
    rule: str,
    level: Literal["error", "warning"],
    told: list[str],
    identity: tuple[str | None, ...],
    place: Sequence[str | None],
) -> dict[str, Any]:
    if model:
        told = [*told, f"To see it again: {reproduce(run, model)}"]
    names = [one_line(name) for name in (model.name if model else "run", *place) if name]
    fingerprint = _fingerprint(rule, model.name if model else None, *identity)
    return {
        "ruleId": one_line(rule),
        "ruleIndex": 0,
        "level": level,
        "message": {"text": _message(told)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(run),
                    "region": {"startLine": max(1, model.line if model else 1)},
                },
                "logicalLocations": [{"name": names[-1], "fullyQualifiedName": "/".join(names)}],
            }
        ],
        "partialFingerprints": {
            "tfjsci/v1": fingerprint,
            # GitHub tells alerts apart by this one. Its upload action would fill in a hash of the manifest's line,
            # which all misses of one gate in one model share: they would be one alert.
            "primaryLocationLineHash": f"{fingerprint[:16]}:1",
        },
    }


def _fingerprint(*parts: str | None) -> str:
    """The same for the same problem of the same model, whatever the numbers are and wherever the model stands."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _step(step: Step) -> str:
    return step.text.format(*(one_line(name, 200) for name in step.names))


def _invocation(run: RunResult) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": not run.failures, "exitCode": run.exit_code}
    started = _TIMESTAMP.fullmatch(run.started_at)
    if started:
        invocation["startTimeUtc"] = f"{started[1]}Z"
    return invocation


def _artifact(run: RunResult) -> dict[str, str]:
    uri = _uri(run)
    return {"uri": uri} if uri.startswith(("file:", "../")) else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _uri(run: RunResult) -> str:
    """The manifest as a URI, relative if it was given so; nothing of it can become a scheme, a query or a fragment."""
    windows = run.machine.platform.startswith("Windows")
    path = (PureWindowsPath if windows else PurePosixPath)(run.manifest or "tfjsci.yml")
    encoded = quote(path.as_posix(), safe="/", errors="replace")
    return f"file:///{encoded.lstrip('/')}" if path.is_absolute() else encoded


def _message(lines: Iterable[str]) -> str:
    """Plain text as SARIF has it: braces would be placeholders, and ``[text](target)`` a link."""
    shown = "\n".join(
        one_line(line, MESSAGE_LIMIT) for each in lines for line in shorten(each, MESSAGE_LIMIT).splitlines()
    )
    return shown.replace("](", "] (").replace("{", "{{").replace("}", "}}")
