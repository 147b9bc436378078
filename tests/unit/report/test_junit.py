"""JUnit XML: its structure as Jenkins and pytest have it, its counts, and what a reader of test results sees."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import pytest
from unit.report import fixtures

from tfjsci.report.junit import render_junit
from tfjsci.results.run_result import Failure, RunResult

# Element -> (attributes that must be there, those that may be, children). From the XSD of Jenkins' xunit plug-in
# (junit-10), with ``line`` and ``file`` of a case as pytest's xunit1 writes them.
STRUCTURE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors", "disabled"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        {"timestamp", "hostname", "id", "package", "file", "log", "url", "version", "group"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name", "classname", "time"},
        {"assertions", "status", "class", "file", "line", "group"},
        {"skipped", "error", "failure", "system-out", "system-err", "properties"},
    ),
    "skipped": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "failure": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
RUNS = [fixtures.all_pass(), fixtures.mixed(), fixtures.no_browser(), fixtures.hostile(), fixtures.run_result()]


def xml(run: RunResult) -> ET.Element:
    return ET.fromstring(render_junit(run).encode())


def misplaced(element: ET.Element) -> list[str]:
    """What the structure doesn't allow."""
    needed, allowed, children = STRUCTURE[element.tag]
    found = [f"{element.tag}: no {name}" for name in needed - set(element.keys())]
    found += [f"{element.tag}: {name}?" for name in set(element.keys()) - needed - allowed]
    for child in element:
        found += misplaced(child) if child.tag in children else [f"{element.tag}: <{child.tag}>?"]
    return found


def case(run: RunResult, classname: str, name: str) -> ET.Element:
    found = [
        each for each in xml(run).iter("testcase") if (each.get("classname"), each.get("name")) == (classname, name)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("run", RUNS)
def test_is_what_readers_of_test_results_expect(run: RunResult) -> None:
    assert misplaced(xml(run)) == []


def test_the_check_of_the_structure_finds_what_is_wrong() -> None:
    wrong = ET.fromstring(
        "<testsuites><testsuite name='a'><testcase name='b' colour='c'><p/></testcase></testsuite></testsuites>"
    )
    assert sorted(misplaced(wrong)) == [
        "testcase: <p>?", "testcase: colour?", "testcase: no classname", "testcase: no time", "testsuite: no errors",
        "testsuite: no failures", "testsuite: no skipped", "testsuite: no tests", "testsuite: no time",
    ]  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_the_counts_are_those_of_the_cases(run: RunResult) -> None:
    root = xml(run)
    for suite in root:
        cases = suite.findall("testcase")
        counted = {tag: sum(each.find(tag) is not None for each in cases) for tag in ("failure", "error", "skipped")}
        assert int(suite.get("tests", "")) == len(cases)
        assert [int(suite.get(key, "")) for key in ("failures", "errors", "skipped")] == list(counted.values())
    assert int(root.get("failures", "")) == len(root.findall(".//failure"))


@pytest.mark.parametrize("run", RUNS)
def test_no_two_cases_have_one_name(run: RunResult) -> None:
    names = Counter((each.get("classname"), each.get("name")) for each in xml(run).iter("testcase"))
    assert [name for name, count in names.items() if count > 1] == []


def test_two_judgements_of_one_gate_are_two_cases() -> None:
    model = fixtures.digits()
    twice = replace(model, judgements=(model.judgements[0], model.judgements[0]))
    names = [each.get("name") for each in xml(fixtures.run_result(twice)).iter("testcase")][-2:]
    assert names == ["sqnr_db on webgl of logits", "sqnr_db on webgl of logits (2)"]


def test_a_missed_limit_is_a_failure_with_reason_steps_and_command() -> None:
    failure = case(fixtures.mixed(), "mobilenet.uint8", "sqnr_db on webgl of predictions").find("failure")
    assert failure is not None
    assert failure.get("type") == "sqnr_db"
    assert failure.get("message", "").startswith(
        "SQNR of output 'predictions' of uint8 on webgl against float is 11.2 dB"
    )
    lines = (failure.text or "").splitlines()
    assert lines[1] == "limit: compare.quantized.uint8.sqnr_db"
    assert lines[2].startswith("1. Keep the sensitive weights as they are: list them under exclude")
    assert lines[-1] == "To see it again: tfjsci run tfjsci.yml --model mobilenet"


def test_a_held_limit_passes_and_a_warning_does_so_aloud() -> None:
    held = case(fixtures.mixed(), "digits.float", "sqnr_db on wasm of logits")
    warned = case(fixtures.mixed(), "mobilenet.float", "steady_ms on webgl")
    assert [each.tag for each in (*held, *warned)] == ["system-out", "system-out"]
    assert not (held[0].text or "").startswith("warning")
    assert (warned[0].text or "").startswith("warning: steady inference of float on webgl (software renderer)")


def test_a_limit_that_is_off_is_skipped() -> None:
    model = fixtures.digits()
    off = replace(model, judgements=(replace(model.judgements[0], level="off"),))
    run = fixtures.run_result(off)
    skipped = case(run, "digits.float", "sqnr_db on webgl of logits").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "level: off"


def test_nothing_judged_is_skipped_and_not_passed() -> None:
    run = fixtures.no_browser()
    assert [each.tag for each in case(run, "digits", "judged")] == ["skipped"]
    assert [each.tag for each in case(run, "digits", "compare")] == ["skipped"]
    assert list(case(run, "digits", "convert")) == []


def test_what_the_run_could_not_do_is_an_error_with_its_hint() -> None:
    error = case(fixtures.no_browser(), "(run)", "the run can be done").find("error")
    assert error is not None
    assert error.get("type") == "browser-missing"
    assert "/usr/bin/chromium: no such file" in (error.text or "")
    assert "To fix it: Install Chromium" in (error.text or "")
    assert "(run)" not in render_junit(fixtures.all_pass())


def test_a_stage_that_failed_is_one_error_with_all_its_failures_and_ops() -> None:
    error = case(fixtures.mixed(), "detector", "check").find("error")
    assert error is not None
    assert "CombinedNonMaxSuppression × 1 can't run on webgl, wasm: TensorFlow.js has no such op" in (error.text or "")
    assert "Leave wasm out of this model's backends" in (error.text or "")
    two = tuple(
        Failure(
            stage="benchmark", code="browser-job-failed", exit_code=1, message="hung", backend=backend, variant="float"
        )
        for backend in ("webgl", "wasm")
    )
    error = case(fixtures.run_result(replace(fixtures.digits(), failures=two)), "digits", "benchmark").find("error")
    assert error is not None
    assert error.get("message") == "hung (and 1 more)"
    assert (error.text or "").splitlines()[:2] == ["float, webgl: hung", "float, wasm: hung"]


def test_names_hold_no_numbers_that_were_measured() -> None:
    def names(run: RunResult) -> list[tuple[str | None, str | None]]:
        return [(each.get("classname"), each.get("name")) for each in xml(run).iter("testcase")]

    slower = fixtures.benchmark("float", "wasm", 999.0)
    model = fixtures.digits()
    changed = fixtures.model_result(fixtures.model_spec(), comparisons=model.comparisons, benchmarks=(slower,))
    before = fixtures.model_result(
        fixtures.model_spec(), comparisons=model.comparisons, benchmarks=(fixtures.benchmark("float", "wasm", 1.0),)
    )
    assert names(fixtures.run_result(changed)) == names(fixtures.run_result(before))


def test_where_it_ran_is_in_the_properties() -> None:
    suite = xml(fixtures.mixed())[0]
    properties = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert properties["webgl.software"] == "true"
    assert properties["wasm.software"] == "false"
    assert properties["source"] == "models/digits.keras"
    assert suite.get("timestamp") == "2026-08-01T10:15:30Z"


def test_what_is_no_time_is_no_timestamp() -> None:
    assert xml(fixtures.hostile())[0].get("timestamp") is None


def test_holds_no_character_that_xml_cannot() -> None:
    nasty = "\x00\x08\x0b\x1b\x7f\ud800\ufffe\uffff]]>&<\u202e"
    run = fixtures.run_result(replace(fixtures.gated(), name=nasty, notes=(nasty,)))
    text = render_junit(run)
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    suite = ET.fromstring(text.encode())[0]
    assert suite.get("name") == r"␀␈␋␛␡\ud800\ufffe\uffff]]>&<\u202e"
