"""The report as a comment on a pull request: at most 65,536 characters, with a line that says what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.github.comment import LIMIT
from tfjsci.report.ladder import fit
from tfjsci.results.run_result import RunResult


@dataclass(frozen=True, kw_only=True)
class About:
    """What a comment says of its origin. All of it comes from GitHub, none out of ``results.json``."""

    sha: str
    run: int | None = None
    attempt: int = 1
    run_url: str = ""
    from_fork: bool = False

    def line(self) -> str:
        """``Commit 0123abc · [run 45, attempt 1](…)``."""
        parts = [f"Commit {self.sha[:12]}"] if self.sha else []
        if self.run is not None:
            named = f"run {self.run}, attempt {self.attempt}"
            parts.append(f"[{named}]({self.run_url})" if self.run_url else named)
        if self.from_fork:
            parts.append("the numbers are what the fork's own job wrote")
        return " · ".join(parts)


def characters(text: str) -> int:
    """How long ``text`` is to GitHub, or longer: UTF-16 units, where an emoji counts twice."""
    return len(text.encode("utf-16-le")) // 2


def render_comment(run: RunResult, about: About, *, marker: str, limit: int = LIMIT) -> str:
    """The whole body: ``marker``'s line, the report or as much of it as fits, and ``about``."""
    return fit(
        run,
        size=characters,
        limit=limit,
        opening=f"{marker}\n",
        closing=f"\n{about.line()}\n" if about.line() else "",
        elsewhere="The whole report is in the job's summary and in report.md.",
    )
