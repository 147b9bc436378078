"""A step of a workflow as GitHub's runner starts it: the same folders, variables and options of ``docker run``."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from small_github import REPOSITORY, SHA

RUNNER = 1001
"""The user of GitHub's runners."""

TIMEOUT_SECONDS = 900
"""A step takes some seconds; on a loaded machine without a GPU the digits' benchmark takes minutes."""

MODEL = {"models": "digits-keras", "only": "convert"}
"""Inputs for what doesn't depend on the browser: the shortest run that judges a model."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a step left behind."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """Why the workflow runs. ``payload`` as text may be no JSON at all; None: there is no file."""

    name: str = "push"
    payload: dict[str, Any] | str | None = field(default_factory=lambda: {"ref": "refs/heads/main"})


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image, and the command that runs it (``docker``, or one that takes the same arguments)."""

    engine: tuple[str, ...]
    name: str

    def run(self, options: Sequence[str], *, interrupt: str | None = None) -> tuple[int, str]:
        """Exit code, and everything printed. With ``interrupt`` the container is stopped once the first step is told.

        ``SIGINT`` goes to the client, as Ctrl-C does; ``stop`` is how a cancelled job's container ends.
        """
        name = f"tfjsci-test-{uuid.uuid4().hex[:12]}"
        command = [*self.engine, "run", "--rm", "--name", name, *options, self.name]
        # A session of its own: a Ctrl-C meant for this script isn't also the container's.
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
        )  # fmt: skip
        assert process.stdout is not None
        told = ""
        try:
            if interrupt is not None:
                for line in process.stdout:
                    told += line
                    if re.search(r"\[ *1/\d+\]", line):
                        self._interrupt(process, name, interrupt)
                        break
            rest, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except BaseException:
            subprocess.run([*self.engine, "kill", name], capture_output=True, check=False)
            process.kill()
            raise
        return process.returncode, told + rest

    def _interrupt(self, process: subprocess.Popen[str], name: str, how: str) -> None:
        if how == "stop":
            subprocess.run([*self.engine, "stop", "--time", "60", name], capture_output=True, check=True)
        else:
            process.send_signal(signal.SIGINT)

    def size(self) -> int:
        """Bytes on disk, unpacked."""
        asked = [*self.engine, "image", "inspect", "--format", "{{.Size}}", self.name]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


class Place:
    """A runner's folders with a copy of an example as the workspace, all of it the runner's own."""

    def __init__(self, image: Image, example: Path) -> None:
        self.image = image
        self._scratch = tempfile.TemporaryDirectory(prefix="tfjsci-test-image-", ignore_cleanup_errors=True)
        self.root = Path(self._scratch.name)
        self.workspace = self.root / "workspace"
        self.home = self.root / "home"
        shutil.copytree(example, self.workspace, ignore=shutil.ignore_patterns("tfjsci-output"))
        for name in ("home", "workflow", "commands"):
            (self.root / name).mkdir()
        # Where this runs as root, the workspace must be someone else's, or nothing would be seen of who owns what.
        self.owner = os.geteuid() or RUNNER
        self.give()

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.cleanup()

    def give(self) -> None:
        """Everything to the runner, as it would be after a checkout."""
        if os.geteuid() == 0:
            for each in (self.root, *self.root.rglob("*")):
                os.chown(each, self.owner, self.owner, follow_symlinks=False)

    def strangers(self) -> list[str]:
        """Files of the workspace that don't belong to its owner: the runner couldn't delete them."""
        return sorted(
            str(each.relative_to(self.root)) for each in self.root.rglob("*") if each.lstat().st_uid != self.owner
        )

    def step(
        self,
        inputs: Mapping[str, str],
        event: Event | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        interrupt: str | None = None,
        network: str = "none",
    ) -> Done:
        """Run it once. Without a network unless told: the image needs none."""
        event = event or Event()
        self._write_event(event.payload)
        for name in ("output", "summary"):
            (self.root / "commands" / name).write_text("")
        self.give()
        variables = {
            "CI": "true",
            "HOME": "/github/home",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": SHA,
            "GITHUB_RUN_ID": "500",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_NUMBER": "50",
            "GITHUB_EVENT_NAME": event.name,
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_OUTPUT": "/github/commands/output",
            "GITHUB_STEP_SUMMARY": "/github/commands/summary",
            # The runner makes it upper case and keeps hyphens.
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
            **(environ or {}),
        }
        folders = [
            (each, f"/github/{each.name}") for each in (self.home, self.root / "workflow", self.root / "commands")
        ]
        folders.append((self.workspace, "/github/workspace"))
        code, log = self.image.run(
            [
                "--workdir", "/github/workspace",
                "--network", network,
                "--shm-size", "64m",
                *(part for name, value in variables.items() for part in ("--env", f"{name}={value}")),
                *(part for here, there in folders for part in ("--volume", f"{here}:{there}")),
                *options,
            ],
            interrupt=interrupt,
        )  # fmt: skip
        outputs, summary = ((self.root / "commands" / name).read_text() for name in ("output", "summary"))
        return Done(code=code, log=log, outputs=read_outputs(outputs), summary=summary)

    def _write_event(self, payload: dict[str, Any] | str | None) -> None:
        file = self.root / "workflow" / "event.json"
        file.unlink(missing_ok=True)
        if payload is not None:
            file.write_text(payload if isinstance(payload, str) else json.dumps(payload))


def read_outputs(text: str) -> dict[str, str]:
    """GITHUB_OUTPUT's lines, as the runner reads them: ``name=value``, or ``name<<WORD``, lines, ``WORD``."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, here, word = line.partition("<<")
        if here and "=" not in name:
            found[name] = "\n".join(takewhile(word.__ne__, lines))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found
