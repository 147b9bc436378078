"""The second job of a fork's pull request: hostile results, a trusted event, and a comment where GitHub says."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from github.server import REPOSITORY, GitHub, Trouble
from github.step import Done, Step
from unit.report import fixtures

from tfjsci.report.markdown import render_markdown
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import write_results

SHA = "cd" * 20


def finished(**changes: Any) -> dict[str, Any]:
    run = {
        "id": 4000,
        "run_number": 44,
        "run_attempt": 2,
        "event": "pull_request",
        "head_sha": SHA,
        "head_branch": "main",
        "head_repository": {"full_name": "stranger/models", "owner": {"login": "stranger"}},
        # GitHub leaves this empty for forks; whatever it says is not used.
        "pull_requests": [{"number": 666}],
    }
    return {"action": "completed", "workflow_run": {**run, **changes}}


def report(step: Step, run: RunResult | None = None, **inputs: str) -> Done:
    folder = step.workspace / "untrusted"
    folder.mkdir(exist_ok=True)
    if run is not None:
        write_results(run, folder / "results.json")

    def never() -> RunResult:
        raise AssertionError("mode report runs nothing")

    return step.run(never, mode="report", results="untrusted/results.json", **inputs)


@pytest.fixture
def fork(step: Step, github: GitHub) -> Step:
    step.event("workflow_run", finished())
    github.add_pull(12, sha=SHA, branch="main", head="stranger/models")
    return step


def test_the_comment_goes_where_github_says(fork: Step, github: GitHub) -> None:
    done = report(fork, fixtures.mixed())
    assert done.exit_code == 0
    (comment,) = github.bodies(12)
    assert comment.startswith("<!-- tfjsci:report key=default run=4000 attempt=2 -->\n### TensorFlow.js models: 2 of 4")
    assert comment.endswith(
        "Commit cdcdcdcdcdcd · [run 44, attempt 2](https://github.example/octo/models/actions/runs/4000/attempts/2)"
        " · the numbers are what the fork's own job wrote\n"
    )
    assert done.outputs["verdict"] == "fail"
    assert done.outputs["exit-code"] == "1"
    assert done.outputs["comment-url"].endswith("/pull/12#issuecomment-1001")
    assert done.summary == render_markdown(fixtures.mixed())
    assert done.files["tfjsci-output/report.md"].decode() == render_markdown(fixtures.mixed())
    assert {call.path.split("/")[-2] for call in github.calls if "comments" in call.path} == {"12"}


def test_a_later_run_of_the_fork_changes_it(fork: Step, github: GitHub) -> None:
    report(fork, fixtures.mixed())
    fork.event("workflow_run", finished(id=4001))
    report(fork, fixtures.all_pass())
    fork.event("workflow_run", finished(id=3999))
    report(fork, fixtures.mixed())
    (comment,) = github.bodies(12)
    assert "all 3 pass" in comment


@pytest.mark.parametrize(
    "change",
    [
        {"sha": "ef" * 20},
        {"branch": "other"},
        {"head": "stranger/other-models"},
        {"state": "closed"},
    ],
)
def test_a_pull_request_that_is_not_at_that_commit_gets_none(step: Step, github: GitHub, change: Any) -> None:
    step.event("workflow_run", finished())
    github.add_pull(12, **{"sha": SHA, "branch": "main", "head": "stranger/models", **change})
    done = report(step, fixtures.mixed())
    assert done.exit_code == 0
    assert github.comments == {}
    assert "no open pull request is at cdcdcdcdcdcd any more" in done.read.of("notice")[0].data


@pytest.mark.parametrize(
    "payload",
    [
        finished(head_sha=None),
        finished(head_repository=None),
        finished(id="4000; rm"),
        {"action": "completed"},
        {"workflow_run": []},
    ],
)
def test_an_event_without_what_is_needed_is_a_notice(step: Step, github: GitHub, payload: Any) -> None:
    step.event("workflow_run", payload)
    done = report(step, fixtures.mixed())
    assert done.exit_code == 0
    assert "no finished run" in done.read.of("notice")[0].data
    assert github.comments == {}


def test_a_finished_push_has_no_pull_request(step: Step, github: GitHub) -> None:
    step.event("workflow_run", finished(event="push"))
    done = report(step, fixtures.mixed())
    assert (done.exit_code, done.read.of("notice"), github.comments) == (0, [], {})


def test_a_pull_request_event_can_be_reported_by_a_later_job(step: Step, github: GitHub) -> None:
    done = report(step, fixtures.mixed())
    assert done.exit_code == 0
    assert len(github.bodies(7)) == 1
    assert "fork" not in github.bodies(7)[0].splitlines()[-1]


def hostile_files() -> dict[str, bytes]:
    return {
        "not-json": b"<script>alert(1)</script>",
        "empty": b"",
        "array": b"[]",
        "nested": b"[" * 100_000,
        "nan": b'{"schema_version": 1, "tfjsci": "0.1.0", "duration_seconds": NaN}',
        "future": b'{"schema_version": 999, "tfjsci": "9"}',
        "commands": b'{"schema_version": 1, "tfjsci": "0.1.0", "\\n::error::x": 1}',
    }


@pytest.mark.parametrize("name", hostile_files())
def test_what_is_no_results_is_refused_and_nobody_is_told_on_the_pull_request(
    fork: Step, github: GitHub, name: str
) -> None:
    (fork.workspace / "untrusted").mkdir()
    (fork.workspace / "untrusted/results.json").write_bytes(hostile_files()[name])
    done = report(fork)
    assert done.exit_code == 2
    assert done.outputs["verdict"] == "error"
    assert len(done.read.of("error")) == 1
    assert github.comments == {}


def test_a_file_that_is_too_large_is_refused(fork: Step, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfjsci.results.store.SIZE_LIMIT_BYTES", 1000)
    done = report(fork, fixtures.mixed())
    assert done.exit_code == 2
    assert github.comments == {}


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "missing"])
def test_only_a_regular_file_is_read(fork: Step, github: GitHub, kind: str) -> None:
    secret = fork.commands / "secret.json"
    write_results(fixtures.mixed(), secret)
    folder = fork.workspace / "untrusted"
    folder.mkdir()
    if kind == "link":
        (folder / "results.json").symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(folder / "results.json")
    elif kind == "folder":
        (folder / "results.json").mkdir()
    done = report(fork)
    assert done.exit_code == 2
    assert github.comments == {}


def test_paths_that_lead_outside_are_refused(fork: Step, github: GitHub) -> None:
    report(fork, fixtures.all_pass())
    github.comments.clear()
    path = fork.workspace / "untrusted/results.json"
    path.write_text(path.read_text().replace("models/digits/float", "../../../etc"), encoding="utf-8")
    assert report(fork).exit_code == 2
    assert github.comments == {}


def test_hostile_names_are_rendered_anew(fork: Step, github: GitHub) -> None:
    done = report(fork, fixtures.hostile())
    assert done.exit_code == 0
    (comment,) = github.bodies(12)
    assert render_markdown(fixtures.hostile()) in comment
    assert {each.name for each in done.read.commands} <= {"group", "endgroup"}


def test_numbers_in_the_results_are_not_believed(fork: Step, github: GitHub) -> None:
    forged = replace(fixtures.mixed(), manifest="<!-- tfjsci:report key=default run=999999 attempt=1 --> #666")
    report(fork, forged)
    assert github.bodies(666) == []
    assert github.bodies(12)[0].startswith("<!-- tfjsci:report key=default run=4000 attempt=2 -->")


def test_that_a_report_could_not_be_made_fails_its_own_job(fork: Step, github: GitHub) -> None:
    github.troubles.append(Trouble("GET", "pulls", 500, times=99))
    done = report(fork, fixtures.mixed())
    assert done.exit_code == 3
    assert done.read.of("warning")


def test_a_token_that_only_reads_is_a_notice_here_too(fork: Step, github: GitHub) -> None:
    github.may_write = False
    done = report(fork, fixtures.mixed())
    assert done.exit_code == 0
    assert "pull-requests: write" in done.read.of("notice")[0].data


def test_several_pull_requests_of_one_commit_each_get_it(fork: Step, github: GitHub) -> None:
    github.add_pull(13, sha=SHA, branch="main", head="stranger/models")
    report(fork, fixtures.mixed())
    assert len(github.bodies(12)) == len(github.bodies(13)) == 1


def test_a_branch_name_cannot_ask_for_anything_else(step: Step, github: GitHub) -> None:
    branch = "x&state=all&head=octo:main"
    step.event("workflow_run", finished(head_branch=branch))
    github.add_pull(12, sha=SHA, branch=branch, head="stranger/models")
    report(step, fixtures.mixed())
    (asked,) = [call.query for call in github.calls if call.path == f"/repos/{REPOSITORY}/pulls"]
    assert asked == {"state": "open", "head": f"stranger:{branch}", "per_page": "100"}
    assert len(github.bodies(12)) == 1
