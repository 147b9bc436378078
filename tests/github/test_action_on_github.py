"""The whole step: variables and files in, exit code, log, summary, comment and outputs out; only the gate is a stand-in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from github.server import REPOSITORY, GitHub, Trouble
from github.step import MANIFEST, Produce, Step
from unit.report import fixtures

from tfjsci.errors import BrowserMissing, ModelError
from tfjsci.github.outputs import OUTPUTS
from tfjsci.report.markdown import render_markdown
from tfjsci.results.run_result import RunResult


def test_a_pull_request_gets_it_all(step: Step, github: GitHub) -> None:
    done = step.run()
    assert done.exit_code == 1
    assert done.summary == render_markdown(fixtures.mixed())
    assert done.outputs == {
        "verdict": "fail",
        "exit-code": "1",
        "results": "tfjsci-output/results.json",
        "report": "tfjsci-output/report.md",
        "models-passed": "1",
        "models-warned": "1",
        "models-failed": "2",
        "comment-url": f"{github.url}/{REPOSITORY}/pull/7#issuecomment-1001",
    }
    (comment,) = github.bodies()
    first, *_, last = comment.splitlines()
    assert first == "<!-- tfjsci:report key=default run=5000 attempt=1 -->"
    assert last == (
        "Commit abababababab · [run 45, attempt 1](https://github.example/octo/models/actions/runs/5000/attempts/1)"
    )
    assert render_markdown(fixtures.mixed()) in comment
    assert [each.data for each in done.read.of("group")] == ["digits", "mobilenet", "detector", "speech"]
    assert len(done.read.of("group")) == len(done.read.of("endgroup"))
    assert "TensorFlow.js models: 2 of 4 fail, 1 warns" in done.read.lines


def test_annotations_stand_at_the_lines_of_the_manifests_keys(step: Step) -> None:
    found = {each.properties["title"]: each for each in step.run().read.of("error", "warning")}
    assert {title: (each.name, each.properties.get("line")) for title, each in found.items()} == {
        "detector: CombinedNonMaxSuppression can't run": ("error", "31"),
        "detector: Erfc can't run": ("error", "31"),
        "mobilenet: sqnr_db": ("error", "13"),
        "mobilenet: top1": ("error", "13"),
        "mobilenet: cosine": ("error", "13"),
        "mobilenet: steady_ms": ("error", "15"),
        "mobilenet: first_inference_ms": ("warning", "14"),
        "speech: sqnr_db": ("warning", "40"),
        "speech: leak": ("warning", "40"),
    }
    assert {each.properties["file"] for each in found.values()} == {"tfjsci.yml"}
    sqnr = found["mobilenet: sqnr_db"].data
    assert sqnr.startswith(
        "SQNR of output 'predictions' of uint8 on webgl against float is 11.2 dB, the limit is 20 dB"
    )
    assert "(and 1 more of it)\nKeep the sensitive weights" in sqnr


def test_annotations_can_be_turned_off_and_moved(step: Step) -> None:
    assert step.run(annotations="false").read.of("error", "warning") == []
    for prefix, file in (("sub/", "sub/tfjsci.yml"), ("+sub/", "sub/tfjsci.yml"), ("-tfj", "sci.yml")):
        found = step.run(annotation_prefix=prefix).read.of("error")
        assert {each.properties["file"] for each in found} == {file}


def test_the_comment_is_changed_by_the_next_run_and_not_doubled(step: Step, github: GitHub) -> None:
    first = step.run()
    step.environ["GITHUB_RUN_ID"] = "5001"
    second = step.run(fixtures.all_pass)
    assert first.outputs["comment-url"] == second.outputs["comment-url"] != ""
    (comment,) = github.bodies()
    assert "all 3 pass" in comment
    step.environ["GITHUB_RUN_ID"] = "4999"
    step.run()
    assert github.bodies() == [comment]


@pytest.mark.parametrize(
    ("mode", "produce", "comments"),
    [
        ("always", fixtures.all_pass, 1),
        ("changes", fixtures.all_pass, 0),
        ("changes", lambda: fixtures.run_result(fixtures.warning()), 1),
        ("failures", lambda: fixtures.run_result(fixtures.warning()), 0),
        ("failures", fixtures.mixed, 1),
        ("failures", fixtures.no_browser, 1),
        ("off", fixtures.mixed, 0),
    ],
)
def test_when_a_comment_is_made(step: Step, github: GitHub, mode: str, produce: Produce, comments: int) -> None:
    done = step.run(produce, comment=mode)
    assert len(github.comments) == comments
    assert bool(done.outputs["comment-url"]) == bool(comments)
    assert done.read.of("notice") == []
    if mode == "off":
        assert github.calls == []


@pytest.mark.parametrize(
    ("produce", "fail_on", "code"),
    [
        (fixtures.mixed, "error", 1),
        (fixtures.mixed, "never", 0),
        (lambda: fixtures.run_result(fixtures.warning()), "error", 0),
        (lambda: fixtures.run_result(fixtures.warning()), "warn", 1),
        (lambda: fixtures.run_result(fixtures.warning()), "never", 0),
        (fixtures.all_pass, "warn", 0),
        (fixtures.no_browser, "never", 3),
    ],
)
def test_what_fails_the_step(step: Step, produce: Produce, fail_on: str, code: int) -> None:
    done = step.run(produce, fail_on=fail_on)
    assert done.exit_code == code
    assert done.outputs["exit-code"] == str(int(produce().exit_code))


@pytest.mark.parametrize("name", ["push", "schedule", "merge_group", "workflow_dispatch", "issue_comment"])
def test_other_events_get_all_but_the_comment(step: Step, github: GitHub, name: str) -> None:
    step.event(name, {"ref": "refs/heads/main"})
    done = step.run()
    assert done.exit_code == 1
    assert done.summary.startswith("### TensorFlow.js models: 2 of 4 fail")
    assert done.read.of("error")
    assert github.calls == []
    assert done.read.of("notice") == []


def test_pull_request_target_is_refused(step: Step, github: GitHub) -> None:
    step.environ["GITHUB_EVENT_NAME"] = "pull_request_target"
    done = step.run()
    assert done.exit_code == 2
    assert not hasattr(step, "seen"), "nothing ran"
    assert "does not run under pull_request_target" in done.read.of("error")[0].data
    assert github.calls == []


@pytest.mark.parametrize("refusal", ["write", "read"])
def test_a_token_that_only_reads_is_a_notice_and_changes_no_verdict(step: Step, github: GitHub, refusal: str) -> None:
    step.pull_request(head="stranger/models")
    setattr(github, f"may_{refusal}", False)
    done = step.run(fixtures.all_pass, comment="always")
    assert done.exit_code == 0
    assert done.outputs["verdict"] == "pass"
    assert done.summary.startswith("### TensorFlow.js models: all 3 pass")
    (notice,) = done.read.of("notice")
    assert "pull-requests: write" in notice.data
    assert "docs/github.md" in notice.data
    assert github.comments == {}


def test_a_github_that_is_down_is_a_warning_and_changes_no_verdict(step: Step, github: GitHub) -> None:
    github.troubles.append(Trouble("GET", "comments", 503, times=99))
    done = step.run(fixtures.all_pass, comment="always")
    assert done.exit_code == 0
    (warning,) = done.read.of("warning")
    assert "503" in warning.data


def test_no_token_is_a_notice(step: Step, github: GitHub) -> None:
    done = step.run(fixtures.all_pass, token="")
    assert [each.data for each in done.read.of("notice")] == ["no comment: there is no token"]
    assert github.calls == []


def test_a_wrong_manifest_is_told_line_by_line_and_in_the_comment(step: Step, github: GitHub) -> None:
    text = MANIFEST.replace("download_bytes: 2 MB", "download: 2 MB").replace("[uint8]", "[uint8, int8]")
    (step.workspace / "tfjsci.yml").write_text(text, encoding="utf-8")
    done = step.run()
    assert done.exit_code == 2
    errors = done.read.of("error")
    assert [(each.properties["file"], each.properties["line"]) for each in errors] == [
        ("tfjsci.yml", "6"),
        ("tfjsci.yml", "10"),
    ]
    assert "int8" in errors[1].data
    assert done.outputs["verdict"] == "error"
    assert done.outputs["exit-code"] == "2"
    assert done.outputs["results"] == ""
    assert "### TensorFlow.js models: nothing ran, the manifest or an input is wrong" in done.summary
    (comment,) = github.bodies()
    assert "tfjsci.yml:10: models[1].quantize[1]" in comment


def test_wrong_inputs_are_told_all_at_once(step: Step, github: GitHub) -> None:
    done = step.run(fail_on="wran", comment="sometimes", only="convert,cheque", formats="html,pdf", annotations="yes")
    assert done.exit_code == 2
    (error,) = done.read.of("error")
    assert [line.partition(":")[0] for line in error.data.splitlines()[:5]] == [
        "only",
        "fail-on",
        "comment",
        "annotations",
        "formats",
    ]
    assert 'Did you mean "warn"?' in error.data
    assert done.outputs["verdict"] == "error"
    assert github.calls == []


def test_an_error_of_the_machine_before_any_model(step: Step) -> None:
    done = step.run(BrowserMissing("no browser was found", hint="Install one."))
    assert done.exit_code == 3
    assert [each.data for each in done.read.of("error")] == ["no browser was found\n  Install one."]


def test_a_bug_is_told_as_one_and_the_log_is_taken_up_again(step: Step) -> None:
    done = step.run(ZeroDivisionError("##[set-output name=x]by nothing"))
    assert done.exit_code == 70
    assert "a bug of tfjsci" in done.read.of("error")[0].data
    assert (done.outputs["verdict"], done.outputs["exit-code"]) == ("error", "70")
    assert done.read.of("set-output") == []


def test_an_interruption_is_130(step: Step) -> None:
    def interrupt() -> RunResult:
        raise KeyboardInterrupt

    done = step.run(interrupt)
    assert done.exit_code == 130
    assert (done.outputs["verdict"], done.outputs["exit-code"]) == ("error", "130")
    assert [each.data for each in done.read.of("error")] == ["interrupted"]


def test_more_formats_are_written_beside_the_report(step: Step) -> None:
    done = step.run(formats="junit, badge")
    assert {"tfjsci-output/junit.xml", "tfjsci-output/badge.json"} <= set(done.files)


def test_two_keys_stand_side_by_side(step: Step, github: GitHub) -> None:
    step.run(comment_key="linux")
    step.run(comment_key="gpu")
    assert [each.partition("\n")[0] for each in github.bodies()] == [
        f"<!-- tfjsci:report key={key} run=5000 attempt=1 -->" for key in ("linux", "gpu")
    ]


COMMANDS_IN_NAMES = "##[error]x\n::error::y\n::set-output name=verdict::pass\r##[add-mask]z\n::endgroup::"


def test_hostile_names_do_nothing_in_log_summary_outputs_or_comment(step: Step, github: GitHub) -> None:
    def produce() -> RunResult:
        run = fixtures.hostile()
        evil = replace(run.models[0], name=COMMANDS_IN_NAMES, source=COMMANDS_IN_NAMES, notes=(COMMANDS_IN_NAMES,))
        failure = replace(run.failures[0], message=COMMANDS_IN_NAMES, hint=COMMANDS_IN_NAMES, code=COMMANDS_IN_NAMES)
        return replace(run, models=(evil, *run.models), failures=(failure,))

    done = step.run(produce)
    assert {each.name for each in done.read.commands} == {"group", "endgroup", "error"}
    assert len(done.read.of("group")) == len(done.read.of("endgroup"))
    assert len(done.read.of("error")) <= 10
    assert {each.properties.get("file", "tfjsci.yml") for each in done.read.of("error")} == {"tfjsci.yml"}
    assert set(done.outputs) == set(OUTPUTS)
    assert "\x1b" not in done.log
    assert "\u202e" not in done.log
    (comment,) = github.bodies()
    assert re.findall(r"^<!--.*", comment, re.MULTILINE) == ["<!-- tfjsci:report key=default run=5000 attempt=1 -->"]


def many(count: int, produce: Callable[..., Any] = fixtures.gated) -> RunResult:
    return fixtures.run_result(*(replace(produce(), name=f"m{n:04}") for n in range(count)))


@pytest.mark.parametrize("count", [30])
def test_what_is_too_long_for_github_is_cut_and_said(step: Step, github: GitHub, count: int) -> None:
    done = step.run(lambda: many(count))
    (comment,) = github.bodies()
    assert len(comment) <= 65_536
    assert "Left out here, for want of room:" in comment
    assert "The whole report is in the job's summary and in report.md." in comment
    assert f"{count} of {count} fail" in comment
    assert len(done.summary.encode()) <= 1024 * 1024
    assert len(done.read.of("error")) == 10
    assert done.read.of("error")[-1].data == f"and {count * 4 - 9} more, in the report"


def test_the_token_is_nowhere(step: Step, github: GitHub) -> None:
    token = github.token

    def produce() -> RunResult:
        run = fixtures.mixed()
        # A model that got hold of it (it can't: see below) would write it into its messages.
        assert "INPUT_TOKEN" not in step.seen
        return run

    done = step.run(produce)
    assert token not in done.everywhere()
    for trouble in (
        Trouble("GET", "comments", 403, message=f"the token {token} is bad", times=99),
        Trouble("GET", "comments", 500, message=f"the token {token} is bad", times=99),
    ):
        github.troubles = [trouble]
        assert token not in step.run().everywhere()
    assert token not in step.run(ModelError(f"authorization: Bearer {token}")).log
    assert token not in step.run(ZeroDivisionError(token)).log
    assert token not in step.run(token=f"{token}\n{token}").log
    assert any(call.headers.get("authorization") == f"Bearer {token}" for call in github.calls), "it was used"


def test_a_secret_of_the_runner_is_gone_before_a_model_is_read(step: Step) -> None:
    step.environ["ACTIONS_RUNTIME_TOKEN"] = "runtime-secret"
    step.run()
    assert not {"INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN"} & set(step.seen)


def test_an_unknown_input_is_told(step: Step) -> None:
    done = step.run(failon="warn")
    assert [each.data for each in done.read.of("warning") if "no input" in each.data] == [
        'there is no input failon, it is ignored. Did you mean "fail-on"?'
    ]


def test_the_summary_can_be_off(step: Step) -> None:
    assert step.run(summary="false").summary == ""
