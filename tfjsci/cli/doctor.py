"""``tfjsci doctor``: what works on this machine, tried rather than looked up, and what to do about the rest."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import click

from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.dtypes import BACKENDS, GPU_BACKENDS, Backend
from tfjsci.errors import ExitCode, TfjsciError
from tfjsci.escape import one_line

if TYPE_CHECKING:
    from tfjsci.browser.protocol import BackendProbe
    from tfjsci.browser.session import BrowserSession

_TENSORFLOW_NAMES = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly")
_OLDEST_TENSORFLOW, _NEWEST_TENSORFLOW = (2, 16), (2, 21)
_OLDEST_KERAS = (3, 0)
_OLDEST_PYTHON = (3, 10)

_IMPORT_SECONDS = 180
"""TensorFlow takes 3 s from a warm disk, and a minute from a cold network file system."""

_MESSAGE_CHARACTERS = 600


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that a run needs: whether it works, what was found, and what to do where it doesn't."""

    name: str
    ok: bool
    found: str
    hint: str | None = None
    seconds: float = 0.0


@click.command()
@click.option(
    "--backend", "backends", multiple=True, type=click.Choice(BACKENDS), help="Try only this backend (repeatable)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@verbosity_options
def doctor(backends: tuple[Backend, ...], as_json: bool, verbosity: Verbosity) -> ExitCode:
    """Say what works on this machine: Python, TensorFlow, the browser, and each backend on its renderer.

    \b
    Exit codes:
      0  all of it works
      3  something doesn't; the table says what to do
    """
    wanted = tuple(dict.fromkeys(backends)) or BACKENDS
    checks = _with_progress(_examine(wanted), shown=not as_json and verbosity is not Verbosity.QUIET)
    ok = all(check.ok for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _print_table(checks if verbosity is not Verbosity.QUIET else [check for check in checks if not check.ok])
    return ExitCode.OK if ok else ExitCode.ENVIRONMENT


def _examine(backends: Sequence[Backend]) -> Iterator[tuple[str, Callable[[], list[Check]]]]:
    """What is being tried, and the call that tries it; TensorFlow last, since it is the slowest."""
    yield "Python", lambda: [check_python(sys.version_info[:2], platform.python_version())]
    yield from _examine_browser(backends)
    yield "TensorFlow and Keras", check_tensorflow


def _examine_browser(backends: Sequence[Backend]) -> Iterator[tuple[str, Callable[[], list[Check]]]]:
    from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
    from tfjsci.browser.session import BrowserSession

    found: list[str] = []

    def check_runtime() -> list[Check]:
        runtime = find_runtime(DEFAULT_VERSION, env=os.environ)
        return [Check(name="TensorFlow.js", ok=True, found=f"{runtime.version} in {runtime.folder}")]

    def check_browser(session: BrowserSession) -> list[Check]:
        browser, version = session.find_browser()
        found.append(version)
        return [Check(name="Browser", ok=True, found=f"{version}, {browser.path} (from {browser.source})")]

    def check_backend(session: BrowserSession, backend: Backend) -> list[Check]:
        return [judge_probe(session.probe(backend))]

    yield "TensorFlow.js", check_runtime
    try:
        session = BrowserSession()
    except TfjsciError:
        return  # the check above has told why
    with session:
        yield "Browser", lambda: check_browser(session)
        if not found:
            return  # each backend would say the same once more
        for backend in backends:
            yield backend, lambda backend=backend: check_backend(session, backend)  # type: ignore[misc]


def check_python(version: tuple[int, int], shown: str) -> Check:
    """Is Python new enough?"""
    ok = version >= _OLDEST_PYTHON
    hint = None if ok else f"Use Python {_dotted(_OLDEST_PYTHON)} or newer."
    return Check(name="Python", ok=ok, found=f"{shown}, {sys.executable}", hint=hint)


def judge_probe(probe: BackendProbe) -> Check:
    """A backend's probe as a line of the table."""
    if probe.environment is None:
        gpu = probe.backend in GPU_BACKENDS
        hint = "Remove it from `backends`" + (
            ", or set TFJSCI_GPU=software to run it on the CPU." if gpu else ", or try another browser."
        )
        return Check(name=probe.backend, ok=False, found=probe.failure or "does not run", hint=hint)
    kind = ""
    if probe.backend in GPU_BACKENDS:
        kind = "software: times are not a GPU's; " if probe.environment.software else "hardware; "
    return Check(name=probe.backend, ok=True, found=f"runs ({kind}{probe.environment.renderer})")


def check_tensorflow() -> list[Check]:
    """Versions from the installed packages' metadata; then both are imported, in a process of their own."""
    tensorflow = next((found for name in _TENSORFLOW_NAMES if (found := _installed(name))), None)
    keras = _installed("keras")
    failure = _import_failure() if tensorflow and keras else None
    return [
        judge_package("TensorFlow", tensorflow, _OLDEST_TENSORFLOW, _NEWEST_TENSORFLOW, failure),
        judge_package("Keras", keras, _OLDEST_KERAS, None, failure),
    ]


def judge_package(
    name: str,
    version: str | None,
    oldest: tuple[int, int],
    newest: tuple[int, int] | None,
    failure: str | None,
) -> Check:
    """Is it installed, of a version that tfjsci was tried on, and importable (``failure`` says why not)?"""
    wanted = f"{_dotted(oldest)} to {_dotted(newest)}" if newest else f"{_dotted(oldest)} or newer"
    install = f"Install {name} {wanted}: pip install tfjsci brings a fitting one."
    if version is None:
        return Check(name=name, ok=False, found="not installed", hint=install)
    minor = _minor(version)
    if minor < oldest or (newest is not None and minor > newest):
        return Check(name=name, ok=False, found=f"{version}, but tfjsci needs {wanted}", hint=install)
    if failure is not None:
        hint = "Reinstall tensorflow and keras into a fresh environment."
        return Check(name=name, ok=False, found=f"{version} can't be imported: {failure}", hint=hint)
    return Check(name=name, ok=True, found=f"{version}, imports")


def _import_failure() -> str | None:
    """Why TensorFlow and Keras can't be imported. Another process, so that their chatter and their crashes stay there."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import tensorflow, keras"],
            capture_output=True, text=True, errors="replace", timeout=_IMPORT_SECONDS, check=False,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines()
    return None if done.returncode == 0 else f"exit {done.returncode}: {lines[-1] if lines else 'no message'}"


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _minor(version: str) -> tuple[int, int]:
    """``2.16.0rc1`` -> (2, 16); what isn't a version counts as too old."""
    numbers = [part for part in version.split(".")[:2] if part.isdecimal()]
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (0, 0)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _with_progress(examine: Iterator[tuple[str, Callable[[], list[Check]]]], *, shown: bool) -> list[Check]:
    from rich.console import Console

    checks: list[Check] = []
    console = Console(stderr=True)
    with console.status("") as status:
        if not shown:
            status.stop()
        for name, tried in examine:
            status.update(f"trying {name}")
            checks += _tried(name, tried)
    return checks


def _tried(name: str, tried: Callable[[], list[Check]]) -> list[Check]:
    """A check's lines, the first with the time that all took; an expected failure is a line, too."""
    start = time.perf_counter()
    try:
        checks = tried()
    except TfjsciError as error:
        checks = [Check(name=name, ok=False, found=error.message, hint=error.hint)]
    seconds = round(time.perf_counter() - start, 3)
    return [replace(checks[0], seconds=seconds), *checks[1:]]


def _print_table(checks: Sequence[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for check in checks:
        mark = Text("ok", style="green") if check.ok else Text("FAIL", style="bold red")
        found = Text(one_line(check.found, _MESSAGE_CHARACTERS))
        if check.hint:
            found.append(f"\n{one_line(check.hint, _MESSAGE_CHARACTERS)}", style="yellow")
        table.add_row(
            mark,
            Text(check.name, style="bold"),
            found,
            Text(f"{check.seconds:.1f} s" if check.seconds else "", style="dim"),
        )
    if checks:
        Console(highlight=False).print(table)
