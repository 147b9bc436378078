"""The workflows, held to GitHub's own schemas, to zizmor, and to what we promise: nothing that moves, no right too many."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tfjsci.manifest.document import parse_document
from tfjsci.manifest.starter import starter_workflow

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = [ROOT / "action.yml", ROOT / "composite" / "action.yml"]
DEPENDABOT = ROOT / ".github" / "dependabot.yml"

USES = re.compile(r"^\s*(?:- )?uses: *(?P<action>[^\s@]+)(?:@(?P<ref>\S+))?(?P<comment>.*)$", flags=re.MULTILINE)
OUR_OWN = "OWNER/tfjsci"  # as the documentation calls this repository

GOOD = """\
name: good
on: pull_request
permissions: {}
concurrency: {group: "good-${{ github.ref }}", cancel-in-progress: true}
jobs:
  only:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v1.2.3
        with: {persist-credentials: false}
      - env: {TITLE: "${{ github.event.pull_request.title }}"}
        run: echo "$TITLE"
"""


def parse(text: str) -> dict[str, Any]:
    # PyYAML reads the key `on` as true; ours, as GitHub does, as text.
    value: dict[str, Any] = parse_document(text, Path("workflow.yml")).root.plain()
    return value


def not_pinned(text: str) -> list[str]:
    """What is used from elsewhere by anything but a commit with its version beside it."""
    return [
        found["action"]
        for found in USES.finditer(text)
        if not found["action"].startswith(("./", OUR_OWN))
        and not (
            re.fullmatch(r"[0-9a-f]{40}", found["ref"] or "") and re.fullmatch(r" +# v\d+\.\d+\.\d+", found["comment"])
        )
    ]


def breaches(text: str) -> list[str]:
    """What we promise of a workflow and doesn't hold."""
    workflow = parse(text)
    found = [f"not pinned: {action}" for action in not_pinned(text)]
    if workflow.get("permissions") not in ({}, {"contents": "read"}):
        found.append("permissions")
    if "pull_request_target" in json.dumps(workflow["on"]):
        found.append("pull_request_target")
    if "concurrency" not in workflow:
        found.append("concurrency")
    for name, job in workflow["jobs"].items():
        if "timeout-minutes" not in job:
            found.append(f"{name}: no timeout")
        for step in job["steps"]:
            if "${{" in step.get("run", ""):
                found.append(f"{name}: an expression in run")
            if step.get("uses", "").startswith("actions/checkout@") and (
                step.get("with", {}).get("persist-credentials") is not False
            ):
                found.append(f"{name}: credentials stay")
    return found


def call(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def schema_says(schema: str, *files: Path) -> tuple[int, str]:
    # Its schemas come with it: nothing is fetched.
    done = call(sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files)
    return done.returncode, done.stdout + done.stderr


def zizmor_says(*files: Path) -> tuple[int, list[str]]:
    """Its exit code (0: nothing found), and the names of what it found."""
    tool = Path(sys.executable).with_name("zizmor")
    done = call(
        tool,
        "--offline",
        "--no-progress",
        "--strict-collection",
        "--min-severity",
        "medium",
        "--format",
        "json",
        *files,
    )
    return done.returncode, [finding["ident"] for finding in json.loads(done.stdout)]


def test_these_are_the_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml", "tfjsci-report.yml", "tfjsci.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_keeps_our_promises(path: Path) -> None:
    assert breaches(path.read_text("utf-8")) == []


def test_what_init_writes_keeps_them_too() -> None:
    assert breaches(starter_workflow("tfjsci.yml")) == []


def test_the_good_example_keeps_them() -> None:
    assert breaches(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "breach"),
    [
        ("@0123456789012345678901234567890123456789", "@v1", "not pinned: actions/checkout"),
        ("actions/checkout@0123456789012345678901234567890123456789 # v1.2.3", "a/b", "not pinned: a/b"),
        (" # v1.2.3", "", "not pinned: actions/checkout"),
        ("permissions: {}\n", "", "permissions"),
        ("permissions: {}", "permissions: write-all", "permissions"),
        ("permissions: {}", "permissions: {contents: write}", "permissions"),
        ("on: pull_request", "on: pull_request_target", "pull_request_target"),
        ("on: pull_request", "on: [push, pull_request_target]", "pull_request_target"),
        ("concurrency:", "env:", "concurrency"),
        ("    timeout-minutes: 5\n", "", "only: no timeout"),
        ("persist-credentials: false", "fetch-depth: 0", "only: credentials stay"),
        ('echo "$TITLE"', "echo ${{ github.event.pull_request.title }}", "only: an expression in run"),
    ],
)
def test_a_breach_is_found(old: str, new: str, breach: str) -> None:
    assert old in GOOD
    assert breach in breaches(GOOD.replace(old, new))


def test_only_these_jobs_may_write_and_only_that() -> None:
    granted = {
        f"{path.name} {name}": sorted(right for right, level in job.get("permissions", {}).items() if level == "write")
        for path in WORKFLOWS
        for name, job in parse(path.read_text("utf-8"))["jobs"].items()
    }
    assert {name: rights for name, rights in granted.items() if rights} == {
        "tfjsci-report.yml comment": ["pull-requests"],
        "release.yml wheel": ["attestations", "id-token"],
        "release.yml image": ["attestations", "id-token", "packages"],
        "release.yml tag": ["contents"],
    }


def test_the_report_runs_after_the_workflow_that_uploads_what_it_downloads() -> None:
    gate, report = (parse((ROOT / ".github/workflows" / name).read_text("utf-8")) for name in
                    ("tfjsci.yml", "tfjsci-report.yml"))  # fmt: skip
    assert report["on"]["workflow_run"]["workflows"] == [gate["name"]]
    (upload,) = [s for job in gate["jobs"].values() for s in job["steps"] if "upload-artifact" in s.get("uses", "")]
    (download,) = [s for s in report["jobs"]["comment"]["steps"] if "download-artifact" in s.get("uses", "")]
    assert download["with"]["pattern"] == upload["with"]["name"]


def test_steps_name_only_inputs_that_the_action_has() -> None:
    known = {"./": ACTIONS[0], "./composite": ACTIONS[1]}
    inputs = {uses: set(parse(path.read_text("utf-8"))["inputs"]) for uses, path in known.items()}
    ours = [
        step
        for path in WORKFLOWS
        for job in parse(path.read_text("utf-8"))["jobs"].values()
        for step in job["steps"]
        if step.get("uses") in known
    ]
    assert {step["uses"] for step in ours} == set(known), "both kinds are tried"
    assert [step for step in ours if not set(step["with"]) <= inputs[step["uses"]]] == []


def test_an_action_is_pinned_to_the_same_commit_wherever_it_is_named() -> None:
    pages = [*WORKFLOWS, *ACTIONS, ROOT / "docs" / "github.md", ROOT / "README.md"]
    pins: dict[str, set[str]] = {}
    for text in [*(path.read_text("utf-8") for path in pages), starter_workflow("tfjsci.yml")]:
        assert not_pinned(text) == []
        for found in USES.finditer(text):
            if found["ref"] and not found["action"].startswith(OUR_OWN):
                pins.setdefault(found["action"], set()).add(f"{found['ref']} {found['comment'].strip()}")
    assert "actions/checkout" in pins
    assert {action: refs for action, refs in pins.items() if len(refs) > 1} == {}


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", ACTIONS),
        ("vendor.dependabot", [DEPENDABOT]),
    ],
)
def test_the_files_fit_githubs_schemas(schema: str, files: list[Path]) -> None:
    assert schema_says(schema, *files) == (0, "ok -- validation done\n")


def test_what_init_writes_fits_the_schema_and_zizmor(tmp_path: Path) -> None:
    path = tmp_path / "tfjsci.yml"
    path.write_text(starter_workflow("tfjsci.yml"), "utf-8")
    assert schema_says("vendor.github-workflows", path) == (0, "ok -- validation done\n")
    assert zizmor_says(path) == (0, [])


def test_a_workflow_that_github_would_refuse_is_found(tmp_path: Path) -> None:
    path = tmp_path / "w.yml"
    path.write_text(GOOD.replace("runs-on", "run-on"), "utf-8")
    code, told = schema_says("vendor.github-workflows", path)
    assert code == 1
    assert "run-on" in told


def test_zizmor_finds_nothing() -> None:
    assert zizmor_says(*WORKFLOWS, *ACTIONS, DEPENDABOT) == (0, [])


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    path = tmp_path / "w.yml"
    path.write_text(GOOD.replace('echo "$TITLE"', 'echo "${{ github.event.pull_request.title }}"'), "utf-8")
    code, found = zizmor_says(path)
    assert code != 0
    assert "template-injection" in found
