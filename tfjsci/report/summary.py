"""The report as a job's summary: at most 1 MiB in bytes, or the runner drops all of it."""

from __future__ import annotations

from tfjsci.github.summary import LIMIT_BYTES
from tfjsci.report.ladder import fit
from tfjsci.results.run_result import RunResult


def render_summary(run: RunResult, *, limit_bytes: int = LIMIT_BYTES) -> str:
    """The report, or as much of it as fits. Raises ``ValueError`` if not even the heading does."""
    return fit(
        run,
        size=lambda text: len(text.encode()),
        limit=limit_bytes,
        elsewhere="The whole report is in report.md.",
    )
