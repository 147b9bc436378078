"""The report as GitHub's markdown: ``report.md``, the job summary, a comment's body.

The verdict and what to do come first, then models × backends with failed models on top; the rest is folded, the
environment and the method last. It needs no images, and reads well unrendered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from tfjsci.escape import code, markdown_text
from tfjsci.listed import plural
from tfjsci.report import baseline, culprit, files, measured, problems, searched, surroundings
from tfjsci.report.alike import alike
from tfjsci.report.headline import First, headline, to_do_first, unhappy
from tfjsci.report.markup import failure_lines, fold, in_one_line, numbered, step_text
from tfjsci.report.tables import markdown_table
from tfjsci.report.variants import overview, ranked, variants
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_seconds

_MOST_FIRST = 5
_MOST_PASSING = 8
"""More passing models than these are folded away when others need a look."""

SECTIONS: tuple[tuple[str, Callable[[RunResult], list[str]]], ...] = (
    ("What failed or warns, and how to fix it", problems.problems),
    ("Where it goes wrong", culprit.culprits),
    ("Ops that can't run", problems.unsupported_ops),
    ("Ops that were lowered", problems.lowered_ops),
    ("Notes", problems.notes),
    ("Compared with the base", baseline.against_base),
    ("Fidelity per output", measured.fidelity),
    ("Timings", measured.timings),
    ("Sizes", measured.sizes),
    ("Sizes, file by file", files.files),
    ("What auto found", searched.searched),
    ("Budgets that could be tighter", measured.tighter),
    ("Inputs", surroundings.inputs),
    ("Environment and method", surroundings.environment),
)
"""The folded sections in their order; one with nothing to say isn't there."""


def render_markdown(run: RunResult) -> str:
    """The whole report, ending in a newline."""
    return render_extent(run, run, sections=[title for title, _ in SECTIONS])


def render_extent(run: RunResult, shown: RunResult, *, sections: Collection[str], left_out: Sequence[str] = ()) -> str:
    """As much of the report as there is room for: all of ``run`` is counted, only ``shown`` (a part of it) is told.

    ``sections`` are the titles of the folded ones to keep; ``left_out`` are sentences about what isn't there.
    """
    lines = [
        f"### {headline(run)}",
        "",
        *_run_failures(shown),
        *_first(shown),
        *_overview(shown),
        *baseline.change_line(run),
        *surroundings.software_note(shown),
        *(line for title, section in SECTIONS if title in sections for line in fold(title, section(shown))),
        *(line for sentence in left_out for line in (sentence, "")),
        f"tfjsci {markdown_text(run.tfjsci, 40)} · {plural(len(run.models), 'model')} of {code(run.manifest)} "
        f"in {show_seconds(run.duration_seconds)} · exit code {run.exit_code}",
    ]
    return "\n".join(lines) + "\n"


def _run_failures(run: RunResult) -> list[str]:
    lines = [line for failed in alike(run.failures) for line in failure_lines(failed)]
    return [*lines, ""] if lines else []


def _first(run: RunResult) -> list[str]:
    models = unhappy(run)
    if not models:
        return []
    shown = [_sentence(model, to_do_first(model)) for model in models[:_MOST_FIRST]]
    more = len(models) - len(shown)
    return ["**What to do first**", "", *numbered(shown), *([f"\nand {more} more, below."] if more else []), ""]


def _sentence(model: ModelResult, first: First) -> str:
    verb = "fails" if model.outcome == "fail" else "warns"
    advice = step_text(first.step) if first.step else markdown_text(in_one_line(first.hint or ""), 400)
    return f"{code(model.name)} {verb}: {markdown_text(first.reason, 400).rstrip('.')}. {advice}".rstrip()


def _overview(run: RunResult) -> list[str]:
    columns, models = overview(run), ranked(run)
    passing = [model for model in models if model.outcome == "pass"]
    folded = passing if len(passing) > _MOST_PASSING and len(passing) < len(models) else []
    open_rows = [row for model in models if model not in folded for row in variants(model)]
    lines = [*markdown_table(columns, open_rows), ""] if open_rows else []
    rows = [row for model in folded for row in variants(model)]
    return lines + (fold(f"{len(folded)} models pass", markdown_table(columns, rows)) if rows else [])
