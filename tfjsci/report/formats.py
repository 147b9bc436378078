"""Every form that a run's results can take: one table, from a form's name to what renders it.

A renderer is imported when it is asked for: ``--help`` needs none of them, and only HTML needs a template engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfjsci.errors import UsageError
from tfjsci.escape import one_line

if TYPE_CHECKING:
    from tfjsci.results.run_result import RunResult

FILE_COLUMNS = 120
"""How wide the terminal's report is in a file or a pipe, which have no width."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """One form. ``file_name`` is what it is called in a folder; ``about`` ends a sentence that says what it is for."""

    render: Callable[[RunResult], str]
    file_name: str
    media_type: str
    about: str


def render(run: RunResult, format_name: str) -> str:
    """The whole text of ``run`` in one of ``FORMATS``, ending in a newline. Raises ``UsageError`` on another name."""
    if format_name not in FORMATS:
        raise UsageError(
            f"there is no report format {one_line(format_name)!r}", hint=f"There are: {', '.join(FORMATS)}."
        )
    return FORMATS[format_name].render(run)


def _markdown(run: RunResult) -> str:
    from tfjsci.report.markdown import render_markdown

    return render_markdown(run)


def _terminal(run: RunResult) -> str:
    from rich.console import Console

    from tfjsci.report.terminal import render_terminal

    console = Console(highlight=False, no_color=True, force_terminal=False, width=FILE_COLUMNS)
    with console.capture() as captured:
        render_terminal(run, console)
    return captured.get()


def _html(run: RunResult) -> str:
    from tfjsci.report.html import render_html

    return render_html(run)


def _junit(run: RunResult) -> str:
    from tfjsci.report.junit import render_junit

    return render_junit(run)


def _sarif(run: RunResult) -> str:
    from tfjsci.report.sarif import render_sarif

    return render_sarif(run)


def _badge(run: RunResult) -> str:
    from tfjsci.report.badge import render_badge

    return render_badge(run)


def _benchmark_json(run: RunResult) -> str:
    from tfjsci.report.benchmark_json import render_benchmark_json

    return render_benchmark_json(run)


FORMATS: Mapping[str, Format] = {
    "markdown": Format(
        render=_markdown, file_name="report.md", media_type="text/markdown", about="the report, for GitHub and for eyes"
    ),
    "terminal": Format(
        render=_terminal, file_name="report.txt", media_type="text/plain", about="what tfjsci run ends with"
    ),
    "html": Format(render=_html, file_name="report.html", media_type="text/html", about="one page with charts"),
    "junit": Format(
        render=_junit, file_name="junit.xml", media_type="application/xml", about="for what shows test results"
    ),
    "sarif": Format(
        render=_sarif, file_name="tfjsci.sarif", media_type="application/sarif+json", about="for code scanning"
    ),
    "badge": Format(
        render=_badge, file_name="badge.json", media_type="application/json", about="an endpoint for shields.io"
    ),
    "pytest-benchmark": Format(
        render=_benchmark_json,
        file_name="benchmark.json",
        media_type="application/json",
        about="the steady times, for what draws charts of benchmarks",
    ),
}
"""The order is that of the documentation."""
