"""What the image must do, one function a claim. Each runs steps as the runner would and compares what they left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small_github import READER, WRITER, SmallGitHub, finished_run, pull_request
from step import MODEL, Done, Event, Image, Place

SUMMARY_LIMIT_BYTES = 1024 * 1024
HEADING = "TensorFlow.js models"


class CheckFailedError(Exception):
    """A claim that doesn't hold. The text says what was expected, and what the step printed."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The image, the examples, and a folder that keeps the first example's results for the checks that only read them."""

    image: Image
    examples: Path
    kept: Path

    def digits(self) -> Place:
        """The example whose three models all pass."""
        return Place(self.image, self.examples / "digits")

    def problems(self) -> Place:
        """The example of which one model fails, one warns and one passes."""
        return Place(self.image, self.examples / "problems")


def expect(what: str, found: object, expected: object, done: Done | None = None) -> None:
    """Raises ``CheckFailedError`` unless the two are equal."""
    if found != expected:
        log = f"\n--- the step's log ends with\n{done.log[-6_000:]}" if done else ""
        raise CheckFailedError(f"{what}: {found!r} instead of {expected!r}{log}")


def expect_in(what: str, part: str, text: str, done: Done | None = None) -> None:
    """Raises ``CheckFailedError`` unless ``part`` is in ``text``."""
    if part not in text:
        log = f"\n--- the step's log ends with\n{done.log[-6_000:]}" if done else ""
        raise CheckFailedError(f"{what}: {part!r} is not in {text[-2_000:]!r}{log}")


def counts(outputs: Mapping[str, str]) -> str:
    """Verdict, exit code, and how many models passed, warned and failed."""
    names = ("verdict", "exit-code", "models-passed", "models-warned", "models-failed")
    return " ".join(outputs.get(name, "?") for name in names)


def on_github(github: SmallGitHub, token: str) -> dict[str, Any]:
    """Options of a step that may comment."""
    addresses = {"GITHUB_API_URL": github.url, "GITHUB_GRAPHQL_URL": f"{github.url}/graphql"}
    return {"environ": {**addresses, "INPUT_TOKEN": token}, "network": "host"}


def all_pass(bench: Bench) -> None:
    """Exit code 0: outputs, summary, results; no network, 64 MiB of shared memory, root, files of the workspace's owner."""
    with bench.digits() as place:
        done = place.step({})
        expect("exit code", done.code, 0, done)
        expect("outputs", counts(done.outputs), "pass 0 3 0 0", done)
        expect("results", done.outputs["results"], "tfjsci-output/results.json")
        expect("report", done.outputs["report"], "tfjsci-output/report.md")
        expect_in("summary", HEADING, done.summary)
        expect("summary within 1 MiB", len(done.summary.encode()) <= SUMMARY_LIMIT_BYTES, True)
        expect("files of someone else", place.strangers(), [])
        expect("files in HOME", sorted(each.name for each in place.home.iterdir()), [])
        results = (place.workspace / done.outputs["results"]).read_bytes()
        expect("models in results.json", len(json.loads(results)["models"]), 3)
        bench.kept.write_bytes(results)


def one_fails(bench: Bench) -> None:
    """Exit code 1, annotations at the manifest's lines, one comment that the next run updates; the token is nowhere."""
    event = Event(name="pull_request", payload=pull_request())
    with SmallGitHub() as github, bench.problems() as place:
        done = place.step({}, event, **on_github(github, WRITER))
        expect("exit code", done.code, 1, done)
        expect("outputs", counts(done.outputs), "fail 1 1 1 1", done)
        expect_in("log", "::error file=tfjsci.yml,line=", done.log)
        expect_in("log", "::warning file=tfjsci.yml,line=", done.log)
        expect("comments", len(github.comments), 1, done)
        expect("comment-url", done.outputs["comment-url"], github.comments[0]["html_url"])
        first = github.comments[0]["body"]
        expect_in("comment", "slant-eigenvectors", first)
        told = done.log + done.summary + first + (place.workspace / "tfjsci-output/results.json").read_text()
        expect("token in what is told", WRITER in told, False)

        options = on_github(github, WRITER)
        options["environ"]["GITHUB_RUN_ID"] = "501"
        again = place.step({"models": "slant-eigenvectors"}, event, **options)
        expect("exit code", again.code, 1, again)
        expect("comments", len(github.comments), 1, again)
        expect("comment is the new one", github.comments[0]["body"] != first, True, again)


def from_a_fork(bench: Bench) -> None:
    """A token that only reads is a notice: the verdict stays what it is."""
    event = Event(name="pull_request", payload=pull_request("stranger/models", author="stranger"))
    with SmallGitHub() as github, bench.digits() as place:
        done = place.step({**MODEL, "comment": "always"}, event, **on_github(github, READER))
        expect("exit code", done.code, 0, done)
        expect_in("log", "::notice", done.log)
        expect("comments", github.comments, [])


def fail_on_never(bench: Bench) -> None:
    """A failing model, exit code 0, and the output says what it would have been."""
    with bench.problems() as place:
        done = place.step({"models": "slant-eigenvectors", "fail-on": "never"})
        expect("exit code", done.code, 0, done)
        expect("outputs", counts(done.outputs), "fail 1 0 0 1", done)


def wrong_inputs(bench: Bench) -> None:
    """Exit code 2, all mistakes at once; and for a wrong manifest at its lines."""
    with bench.digits() as place:
        done = place.step({"mode": "gaet", "fail-on": "sometimes"})
        expect("exit code", done.code, 2, done)
        expect_in("log", "gaet", done.log)
        expect_in("log", "sometimes", done.log)
        expect("outputs", counts(done.outputs), "error 2 0 0 0", done)
        (place.workspace / "tfjsci.yml").write_text("version: 1\nmodels:\n  - name: x\n    quantise: [int3]\n")
        done = place.step({})
        expect("exit code", done.code, 2, done)
        expect_in("log", "::error file=tfjsci.yml,line=4", done.log)
        expect_in("summary", "tfjsci.yml", done.summary)


def no_browser(bench: Bench) -> None:
    """Exit code 3: what is missing is the machine's fault."""
    with bench.digits() as place:
        done = place.step({"models": "digits-keras"}, environ={"TFJSCI_BROWSER": "/nowhere/chromium"})
        expect("exit code", done.code, 3, done)
        expect("exit-code", done.outputs.get("exit-code"), "3", done)


def interrupted(bench: Bench) -> None:
    """Ctrl-C, and `docker stop`: exit code 130, and nothing is left of someone else's."""
    with bench.digits() as place:
        for how in ("SIGINT", "stop"):
            done = place.step({}, interrupt=how)
            expect(f"exit code after {how}", done.code, 130, done)
            expect_in("log", "interrupted", done.log)
            expect("files of someone else", place.strangers(), [])


def other_events(bench: Bench) -> None:
    """Events without a pull request, a payload that is broken or isn't there: the gate does its work all the same."""
    with bench.digits() as place:
        for event in (
            Event(name="schedule", payload={"schedule": "0 0 * * 0"}),
            Event(name="merge_group", payload={"action": "checks_requested"}),
            Event(name="workflow_dispatch", payload=None),
            Event(name="pull_request", payload="{"),
        ):
            done = place.step(MODEL, event, environ={"INPUT_TOKEN": WRITER})
            expect(f"exit code of {event.name}", done.code, 0, done)
            expect(f"verdict of {event.name}", done.outputs.get("verdict"), "pass", done)
        done = place.step(MODEL, Event(name="pull_request_target", payload=pull_request()))
        expect("exit code of pull_request_target", done.code, 2, done)


def reports_for_another_job(bench: Bench) -> None:
    """``mode: report`` after workflow_run: a stranger's results become a comment on the pull request of its commit."""
    inputs = {"mode": "report", "results": "untrusted/results.json", "output": "report", "comment": "always"}
    event = Event(name="workflow_run", payload=finished_run("stranger/models"))
    with SmallGitHub() as github, bench.digits() as place:
        if not bench.kept.exists():
            all_pass(bench)
        github.pulls_from = "stranger/models"
        results = place.workspace / "untrusted" / "results.json"
        results.parent.mkdir()
        results.write_bytes(bench.kept.read_bytes())
        done = place.step(inputs, event, **on_github(github, WRITER))
        expect("exit code", done.code, 0, done)
        expect("comments", len(github.comments), 1, done)
        expect_in("comment", "digits-savedmodel", github.comments[0]["body"])
        results.write_text('{"models": ["@everyone"]}')
        done = place.step(inputs, event, **on_github(github, WRITER))
        expect("exit code of hostile results", done.code, 2, done)
        expect("comments", len(github.comments), 1, done)


def by_hand(bench: Bench) -> None:
    """`docker run -v "$PWD:/github/workspace" IMAGE`: no variable of GitHub's, and the report is printed."""
    with bench.digits() as place:
        options = ["--volume", f"{place.workspace}:/github/workspace", "--env", "INPUT_MODELS=digits-keras"]
        code, log = bench.image.run(options)
        done = Done(code=code, log=log, outputs={}, summary="")
        expect("exit code", code, 0, done)
        expect_in("log", HEADING, log)
        expect("workflow commands in the log", [line for line in log.splitlines() if line.startswith("::")], [])
        expect("files of someone else", place.strangers(), [])


def another_user(bench: Bench) -> None:
    """Neither root nor able to write anywhere but in the workspace and /tmp: the browser runs all the same."""
    with bench.digits() as place:
        options = ["--user", f"{place.owner}:{place.owner}", "--read-only", "--tmpfs", "/tmp"]
        place.home.chmod(0o555)
        done = place.step({"models": "digits-keras"}, options=options)
        expect("exit code", done.code, 0, done)
        expect("outputs", counts(done.outputs), "pass 0 1 0 0", done)


CHECKS: tuple[Callable[[Bench], None], ...] = (
    all_pass,
    one_fails,
    from_a_fork,
    fail_on_never,
    wrong_inputs,
    no_browser,
    interrupted,
    other_events,
    reports_for_another_job,
    by_hand,
    another_user,
)
"""The first one's results are what ``reports_for_another_job`` reports."""
