"""What the action needs from outside, in one place, so that a test can bring its own."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    import httpx

    from tfjsci.plan import RunPlan
    from tfjsci.progress import Progress
    from tfjsci.results.run_result import RunResult

CONTAINER_WORKSPACE = Path("/github/workspace")
"""Where the runner, or ``docker run -v``, puts the repository into the image."""

SECRETS = ("INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
"""Variables that no model, browser or other child of ours has any business with."""


class Gate(Protocol):
    """Runs a plan and writes ``results.json`` and ``report.md`` into its output folder."""

    def __call__(self, plan: RunPlan, *, manifest_name: str, progress: Progress) -> RunResult:
        """Raises the kinds of ``TfjsciError``."""
        ...


def run_gate(plan: RunPlan, *, manifest_name: str, progress: Progress) -> RunResult:
    """The real one. TensorFlow and the browser are imported by then."""
    from tfjsci.api.runs import run_with_progress

    return run_with_progress(plan, manifest_name=manifest_name, progress=progress)


def _word() -> str:
    return f"tfjsci-{secrets.token_hex(16)}"


@dataclass(frozen=True, kw_only=True)
class World:
    """The environment, a stream to print to, the time, chance, and what runs a manifest."""

    environ: MutableMapping[str, str]
    out: TextIO
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    word: Callable[[], str] = _word
    gate: Gate = run_gate
    transport: httpx.BaseTransport | None = None
    container_workspace: Path = CONTAINER_WORKSPACE


def this_world() -> World:
    """The process's own. ``out`` is a second descriptor of standard output: the first is lent to a log file meanwhile."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    return World(environ=os.environ, out=out)


def choose_workspace(world: World, manifest: str) -> Path:
    """The folder that relative paths count from: GitHub's workspace, else the mounted one that holds the manifest, else here."""
    told = world.environ.get("GITHUB_WORKSPACE")
    if told:
        return Path(told)
    here = Path.cwd()
    if not (here / manifest).exists() and (world.container_workspace / manifest).exists():
        return world.container_workspace
    return here
