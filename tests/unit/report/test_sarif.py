"""SARIF: its structure, what is in it, and that an alert is the same one in every run."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from unit.report import fixtures

from tfjsci.manifest.resolved import Budget, Thresholds
from tfjsci.report.rules import RULES
from tfjsci.report.sarif import render_sarif
from tfjsci.results.run_result import Failure, RunResult
from tfjsci.verdict import PROBLEM


def exactly(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": list(needed),
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
MESSAGE = exactly({"text": TEXT})
LEVEL = {"enum": ["warning", "error"]}
RULE = exactly(
    {
        "id": TEXT, "shortDescription": MESSAGE, "fullDescription": MESSAGE, "help": MESSAGE,
        "defaultConfiguration": exactly({"level": LEVEL}),
    }
)  # fmt: skip
LOCATION = exactly(
    {
        "physicalLocation": exactly(
            {
                "artifactLocation": exactly(
                    {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%:-]+$"}},
                    {"uriBaseId": {"const": "%SRCROOT%"}},
                ),
                "region": exactly({"startLine": {"type": "integer", "minimum": 1}}),
            }
        ),
        "logicalLocations": {"type": "array", "items": exactly({"name": TEXT, "fullyQualifiedName": TEXT})},
    }
)
RESULT = exactly(
    {
        "ruleId": TEXT, "ruleIndex": {"type": "integer", "minimum": 0}, "level": LEVEL, "message": MESSAGE,
        "locations": {"type": "array", "items": LOCATION, "minItems": 1, "maxItems": 1},
        "partialFingerprints": {"type": "object", "additionalProperties": TEXT},
    }
)  # fmt: skip
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
INVOCATION = exactly(
    {"executionSuccessful": {"type": "boolean"}, "exitCode": {"type": "integer"}}, {"startTimeUtc": TIME}
)
RUN = exactly(
    {
        "tool": exactly(
            {"driver": exactly({"name": TEXT, "version": TEXT, "rules": {"type": "array", "items": RULE}})}
        ),
        "automationDetails": exactly({"id": TEXT}),
        "invocations": {"type": "array", "items": INVOCATION},
        "results": {"type": "array", "items": RESULT},
    }
)
# The part of the standard's schema that is written, with nothing beside it. The whole one is not shipped with any
# package; docs/formats.md tells how a file is held against it.
SCHEMA = exactly(
    {"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN, "minItems": 1}}
)

RUNS = [fixtures.all_pass(), fixtures.mixed(), fixtures.no_browser(), fixtures.hostile(), fixtures.run_result()]


def log(run: RunResult) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_sarif(run))
    return found


def results(run: RunResult) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = log(run)["runs"][0]["results"]
    return found


def fingerprints(run: RunResult) -> list[str]:
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results(run)]


@pytest.mark.parametrize("run", RUNS)
def test_is_sarif(run: RunResult) -> None:
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(log(run))] == []


@pytest.mark.parametrize("run", RUNS)
def test_every_result_points_at_its_rule(run: RunResult) -> None:
    content = log(run)["runs"][0]
    rules = [rule["id"] for rule in content["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in content["results"]] == [each["ruleId"] for each in content["results"]]
    assert len(set(rules)) == len(rules)


def test_there_is_a_rule_for_every_gate_and_every_error() -> None:
    gates = {each.name for each in (*fields(Budget), *fields(Thresholds))} - {"outputs"}
    assert gates | {"leak", PROBLEM, "bug", "unsupported-ops", "browser-missing", "corrupt-model"} <= set(RULES)


def test_an_error_that_this_tfjsci_does_not_know_gets_a_rule_after_the_others() -> None:
    failure = Failure(stage="convert", code="from-the-future", exit_code=1, message="no")
    content = log(fixtures.run_result(failures=(failure,)))["runs"][0]
    assert [rule["id"] for rule in content["tool"]["driver"]["rules"]] == [*RULES, "from-the-future"]
    assert content["results"][0]["ruleIndex"] == len(RULES)


def test_a_pass_has_no_results_and_a_miss_has_one() -> None:
    assert results(fixtures.all_pass()) == []
    misses = [each for model in fixtures.mixed().models for each in model.judgements if each.outcome != "pass"]
    unsupported = fixtures.unsupported().op_check
    assert unsupported is not None
    assert len(results(fixtures.mixed())) == len(misses) + len(unsupported.unsupported)


def test_a_result_says_what_where_and_what_to_do() -> None:
    found = next(each for each in results(fixtures.mixed()) if each["ruleId"] == "sqnr_db")
    assert found["level"] == "error"
    assert found["message"]["text"].startswith(
        "mobilenet: SQNR of output 'predictions' of uint8 on webgl against float is 11.2 dB, the limit is 20 dB "
        "(compare.quantized.uint8.sqnr_db)\n1. Keep the sensitive weights"
    )
    place = found["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "tfjsci.yml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 14},
    }
    assert place["logicalLocations"] == [
        {"name": "predictions", "fullyQualifiedName": "mobilenet/uint8/webgl/predictions"}
    ]


def test_a_warning_is_a_warning() -> None:
    levels = {each["level"] for each in results(fixtures.run_result(fixtures.warning()))}
    assert levels == {"warning"}


def test_a_run_that_could_not_be_done_says_so() -> None:
    content = log(fixtures.no_browser())["runs"][0]
    assert content["invocations"] == [
        {"executionSuccessful": False, "exitCode": 3, "startTimeUtc": "2026-08-01T10:15:30Z"}
    ]
    assert [each["ruleId"] for each in content["results"]] == ["browser-missing"]
    assert log(fixtures.mixed())["runs"][0]["invocations"][0]["executionSuccessful"] is True


def test_no_two_alerts_are_taken_for_one() -> None:
    found = fingerprints(fixtures.mixed())
    assert len(set(found)) == len(found) > 10


def test_an_alert_is_the_same_one_when_its_numbers_or_its_line_change_and_not_when_its_place_does() -> None:
    def one(variant: str, sqnr_db: float, *, line: int) -> RunResult:
        spec = fixtures.model_spec(line=line)
        compared = fixtures.comparison(variant, "wasm", fixtures.output(sqnr_db, cosine=None, top1=None))
        return fixtures.run_result(fixtures.model_result(spec, comparisons=(compared,)))

    before = fingerprints(one("uint8", 11.2, line=8))
    assert len(before) == 1
    assert fingerprints(one("uint8", 3.4, line=99)) == before
    assert fingerprints(one("float16", 11.2, line=8)) != before


def test_every_unsupported_op_is_an_alert() -> None:
    texts = [each["message"]["text"] for each in results(fixtures.mixed()) if each["ruleId"] == "unsupported-ops"]
    assert [text.partition(" can't run")[0] for text in texts] == [
        "detector: CombinedNonMaxSuppression × 1", "detector: Erfc × 24",
    ]  # fmt: skip
    assert "and 4 more" in texts[1]


@pytest.mark.parametrize(
    ("manifest", "platform", "uri", "relative"),
    [
        ("tfjsci.yml", "Linux", "tfjsci.yml", True),
        ("./ci/a b#c?.yml", "Linux", "ci/a%20b%23c%3F.yml", True),
        ("c:x.yml", "Linux", "c%3Ax.yml", True),
        ("../tfjsci.yml", "Linux", "../tfjsci.yml", False),
        ("/srv/tfjsci.yml", "Linux", "file:///srv/tfjsci.yml", False),
        ("ci\\tfjsci.yml", "Windows 11 AMD64", "ci/tfjsci.yml", True),
        ("ci\\tfjsci.yml", "Linux", "ci%5Ctfjsci.yml", True),
    ],
)
def test_the_manifest_is_a_uri(manifest: str, platform: str, uri: str, relative: bool) -> None:
    machine = replace(fixtures.MACHINE, platform=platform)
    run = fixtures.run_result(fixtures.gated(), manifest=manifest, machine=machine)
    place = results(run)[0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": uri, **({"uriBaseId": "%SRCROOT%"} if relative else {})}


def test_a_line_that_is_none_is_the_first() -> None:
    place = results(fixtures.run_result(replace(fixtures.gated(), line=-7)))[0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1}


def test_nothing_in_a_message_is_a_link_or_a_placeholder() -> None:
    failure = Failure(stage="convert", code="corrupt-model", exit_code=1, message="[press](https://example.org) {0}")
    text = results(fixtures.run_result(failures=(failure,)))[0]["message"]["text"]
    assert text == "convert: [press] (https://example.org) {{0}}"
