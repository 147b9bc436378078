"""A step as the runner starts it: its variables and files, its stream, and all that it leaves behind."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from github.runner import Read, read_log, read_outputs
from github.server import REPOSITORY, GitHub
from unit.report import fixtures

from tfjsci.action.act import act
from tfjsci.action.world import World
from tfjsci.report.markdown import render_markdown
from tfjsci.results.atomic import write_whole
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import write_results

MANIFEST = """\
version: 1
models:
  - name: digits
    source: models/digits.keras
    budget:
      download_bytes: 2 MB
      steady_ms: {wasm: 50}
  - name: mobilenet
    source: models/mobilenet.keras
    quantize: [uint8]
    compare:
      quantized:
        uint8: {sqnr_db: 20, top1: 0.98}
    budget:
      steady_ms: {wasm: 50, webgl: 100}
"""

Produce = Callable[[], RunResult]


@dataclass(frozen=True)
class Done:
    """All that a step leaves behind."""

    exit_code: int
    log: str
    summary: str
    outputs: dict[str, str]
    files: dict[str, bytes]

    @property
    def read(self) -> Read:
        return read_log(self.log)

    def everywhere(self) -> str:
        return "\n".join([self.log, self.summary, str(self.outputs), *(map(repr, self.files.values()))])


class Step:
    """A step as the runner starts it."""

    def __init__(self, github: GitHub, clock: Any, folder: Path) -> None:
        self.github = github
        self.clock = clock
        self.workspace = folder / "workspace"
        self.commands = folder / "file_commands"
        self.workspace.mkdir()
        self.commands.mkdir()
        (self.workspace / "tfjsci.yml").write_text(MANIFEST, encoding="utf-8")
        self.environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "5000",
            "GITHUB_RUN_NUMBER": "45",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": github.url,
            "GITHUB_GRAPHQL_URL": f"{github.url}/graphql",
            "GITHUB_OUTPUT": str(self.commands / "output"),
            "GITHUB_STEP_SUMMARY": str(self.commands / "summary"),
            "INPUT_TOKEN": github.token,
        }
        self.pull_request()

    def event(self, name: str, payload: dict[str, Any]) -> None:
        path = self.commands / "event.json"
        path.write_text(json.dumps(payload), encoding="utf-8")
        self.environ |= {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}

    def pull_request(self, number: int = 7, *, head: str = REPOSITORY) -> None:
        pull = {
            "number": number,
            "user": {"login": "octocat"},
            "head": {"sha": "ab" * 20, "repo": {"full_name": head}},
            "base": {"repo": {"full_name": REPOSITORY}},
        }
        self.event("pull_request", {"action": "synchronize", "pull_request": pull})

    def run(self, produce: Produce | Exception = fixtures.mixed, **inputs: str) -> Done:
        environ = {**self.environ, **{f"INPUT_{name.upper().replace('_', '-')}": text for name, text in inputs.items()}}
        for name in ("output", "summary"):
            (self.commands / name).write_text("", encoding="utf-8")
        out = io.StringIO()

        def gate(plan: Any, *, manifest_name: str, progress: Any) -> RunResult:
            self.seen = dict(environ)
            if isinstance(produce, Exception):
                raise produce
            run = produce()
            progress.begin(len(run.models))
            try:
                for model in run.models:
                    with progress.step(model.name, "convert") as step:
                        step.detail = model.source
            finally:
                progress.end()
            write_results(run, plan.output / "results.json")
            write_whole(plan.output / "report.md", render_markdown(run))
            return run

        world = World(environ=environ, out=out, clock=self.clock, sleep=self.clock.sleep, gate=gate)
        code = act(world)
        return Done(
            exit_code=code,
            log=out.getvalue(),
            summary=(self.commands / "summary").read_text(encoding="utf-8"),
            outputs=read_outputs((self.commands / "output").read_text(encoding="utf-8")),
            files={
                path.relative_to(self.workspace).as_posix(): path.read_bytes()
                for path in sorted(self.workspace.rglob("*"))
                if path.is_file()
            },
        )
