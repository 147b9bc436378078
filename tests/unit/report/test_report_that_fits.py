"""The ladder: what goes first, that it is said, and that it always fits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from unit.report import fixtures

from tfjsci.report.comment import About, characters, render_comment
from tfjsci.report.ladder import fit
from tfjsci.report.markdown import SECTIONS, render_markdown
from tfjsci.report.summary import render_summary
from tfjsci.results.run_result import RunResult

ABOUT = About(sha="ab" * 20, run=45, attempt=2, run_url="https://github.example/octo/models/actions/runs/5000")
MARKER = "<!-- tfjsci:report key=default run=5000 attempt=2 -->"


def cut(run: RunResult, limit: int) -> str:
    return fit(run, size=len, limit=limit, elsewhere="Elsewhere.")


def sections_in(text: str) -> list[str]:
    return [title for title, _ in SECTIONS if f"<summary>{title}</summary>" in text]


def test_what_fits_is_whole() -> None:
    run = fixtures.mixed()
    whole = render_markdown(run)
    assert cut(run, len(whole)) == whole
    assert "Left out" not in whole


def test_what_passes_goes_first() -> None:
    run = fixtures.mixed()
    text = cut(run, len(render_markdown(run)) - 1)
    assert "`digits`" not in text
    assert "Left out here, for want of room: 1 model that passes. Elsewhere." in text
    assert "2 of 4 fail" in text
    assert sections_in(text) == [title for title in sections_in(render_markdown(run)) if "tighter" not in title]


def test_then_sections_from_the_last_to_the_first_and_only_then_models() -> None:
    run = fixtures.mixed()
    whole = render_markdown(run)
    grave = fixtures.run_result(*(model for model in run.models if model.outcome != "pass"))
    available = sections_in(render_markdown(grave))
    assert available[:2] == ["What failed or warns, and how to fix it", "Ops that can't run"]
    fewer = []
    for limit in range(len(whole) - 1, 2000, -700):
        text = cut(run, limit)
        kept = sections_in(text)
        assert kept == available[: len(kept)]
        assert len(kept) <= 2 or all(f"`{name}`" in text for name in ("mobilenet", "detector", "speech"))
        fewer.append(len(kept))
    assert fewer == sorted(fewer, reverse=True)
    assert {len(available), 2} <= set(fewer)


@pytest.mark.parametrize("limit", [20_000, 9_000, 5_000, 3_000, 1_500, 640])
@pytest.mark.parametrize(
    "run",
    [
        fixtures.mixed(),
        fixtures.hostile(),
        fixtures.no_browser(),
        fixtures.run_result(*(replace(fixtures.gated(), name=f"m{n}") for n in range(9))),
    ],
    ids=["mixed", "hostile", "no-browser", "many"],
)
def test_it_always_fits_and_keeps_its_heading(run: RunResult, limit: int) -> None:
    text = cut(run, limit)
    assert len(text) <= limit
    assert text.splitlines()[0] == render_markdown(run).splitlines()[0]
    opened, closed = (re.findall(rf"^<{tag}>$", text, re.MULTILINE) for tag in ("details", "/details"))
    assert len(opened) == len(closed)


def test_the_gravest_models_are_kept_and_the_others_counted() -> None:
    run = fixtures.run_result(fixtures.warning(), *(replace(fixtures.gated(), name=f"m{n}") for n in range(9)))
    text = cut(run, 9_000)
    assert "`m0`" in text
    assert "`speech`" not in text
    shown = {n for n in range(9) if f"**`m{n}`" in text}
    assert shown == set(range(len(shown)))
    assert f"{10 - len(shown)} models that fail or warn" in text


def test_not_even_the_heading_is_an_error() -> None:
    with pytest.raises(ValueError, match="heading"):
        cut(fixtures.mixed(), 50)


def test_an_emoji_counts_twice_as_a_cautious_counter_has_it() -> None:
    assert characters("a✅😀") == 4


def test_a_comment_begins_with_its_marker_and_ends_with_what_it_is_about() -> None:
    text = render_comment(fixtures.mixed(), ABOUT, marker=MARKER)
    assert text.startswith(f"{MARKER}\n### TensorFlow.js models: 2 of 4 fail")
    assert text.endswith(
        "\n\nCommit abababababab · [run 45, attempt 2](https://github.example/octo/models/actions/runs/5000)\n"
    )


def test_marker_and_end_are_counted_too() -> None:
    whole = characters(render_comment(fixtures.mixed(), ABOUT, marker=MARKER))
    assert "Left out" not in render_comment(fixtures.mixed(), ABOUT, marker=MARKER, limit=whole)
    text = render_comment(fixtures.mixed(), ABOUT, marker=MARKER, limit=whole - 1)
    assert "Left out" in text
    assert characters(text) < whole
    assert text.startswith(MARKER)


def test_the_summary_counts_bytes() -> None:
    whole = render_markdown(fixtures.mixed())
    assert len(whole.encode()) > len(whole)
    assert render_summary(fixtures.mixed(), limit_bytes=len(whole.encode())) == whole
    text = render_summary(fixtures.mixed(), limit_bytes=len(whole))
    assert len(text.encode()) <= len(whole)
