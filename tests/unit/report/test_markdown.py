"""The whole report, word for word: a change of the layout is a change of these files, to be looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from unit.report import fixtures

from tfjsci.report.markdown import render_markdown
from tfjsci.results.run_result import RunResult

GOLDEN = Path(__file__).parent / "golden"
RUNS = {
    "all-pass": fixtures.all_pass,
    "mixed": fixtures.mixed,
    "no-browser": fixtures.no_browser,
    "hostile": fixtures.hostile,
}


@pytest.mark.parametrize("name", RUNS)
def test_report_is_as_reviewed(name: str) -> None:
    assert render_markdown(RUNS[name]()) == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")


def rendered(run: RunResult) -> str:
    """As GitHub's reader of markdown has it, before what strips HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(render_markdown(run))


@pytest.mark.parametrize("run", RUNS.values())
def test_only_our_own_markup_is_in_it(run: Any) -> None:
    html = rendered(run())
    tags = re.findall(r"<\s*(/?[a-zA-Z!][a-zA-Z0-9-]*)", html)
    assert {tag.lstrip("/") for tag in tags} <= {
        "h3", "p", "strong", "em", "ol", "ul", "li", "code", "pre", "table", "thead", "tbody", "tr", "th", "td",
        "details", "summary",
    }  # fmt: skip
    assert tags.count("details") == tags.count("/details") == tags.count("summary") == tags.count("/summary")


@pytest.mark.parametrize("run", RUNS.values())
def test_every_row_of_a_table_has_as_many_cells_as_its_head(run: Any) -> None:
    for table in re.findall(r"<table>.*?</table>", rendered(run()), re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert len({len(re.findall(r"<t[hd]\b", row)) for row in rows}) == 1


def test_nothing_comes_alive_outside_of_code() -> None:
    text = re.sub(r"<(code|pre)\b.*?</\1>", "", rendered(fixtures.hostile()), flags=re.DOTALL)
    assert "octocat" in text
    assert not re.search(r"@octocat|#1\b|https://", text)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_pass_is_short() -> None:
    first = render_markdown(fixtures.all_pass()).partition("<details>")[0]
    assert first.startswith("### TensorFlow.js models: all 3 pass\n\n| Verdict")
    assert "What" not in first


def test_many_passing_models_are_folded_beside_one_that_is_not() -> None:
    passing = [fixtures.digits(f"digits-{n}") for n in range(9)]
    folded = render_markdown(fixtures.run_result(*passing, fixtures.gated()))
    assert "<summary>9 models pass</summary>" in folded
    assert "models pass</summary>" not in render_markdown(fixtures.run_result(*passing[:8], fixtures.gated()))
    assert "models pass</summary>" not in render_markdown(fixtures.run_result(*passing))


def test_the_first_five_are_enough_to_start_with() -> None:
    run = fixtures.run_result(*(replace(fixtures.gated(), name=f"m{n}") for n in range(7)))
    head = render_markdown(run).partition("| Verdict")[0]
    assert "5. `m4` fails" in head
    assert "`m5`" not in head
    assert "and 2 more, below." in head


def test_software_is_said_wherever_a_time_of_it_stands() -> None:
    report = render_markdown(fixtures.mixed())
    timings = report.partition("<summary>Timings</summary>")[2].partition("</details>")[0]
    rows = [line for line in timings.splitlines() if "webgl" in line]
    assert len(rows) == 7
    assert all("webgl (software)" in row for row in rows)
    assert "Software renderer instead of a GPU: webgl (SwiftShader)." in report
    gpu = [
        replace(each, timing=replace(each.timing, environment=fixtures.GPU)) for each in fixtures.digits().benchmarks
    ]
    on_gpu = replace(fixtures.digits(), benchmarks=tuple(gpu), comparisons=())
    assert "(software)" not in render_markdown(fixtures.run_result(on_gpu))
    assert "Software renderer" not in render_markdown(fixtures.run_result(on_gpu))


def test_every_unsupported_op_is_there() -> None:
    report = render_markdown(fixtures.mixed())
    for op in fixtures.unsupported().op_check.unsupported:  # type: ignore[union-attr]
        assert f"`{op.op}` in `detector`" in report
        assert op.hint in report
        assert f"`{op.layers[0]}`" in report
    assert "and 16 more" in report


def write_golden_files() -> None:
    """Run this file to write them anew; then look at the difference, rendered (script/render_report.py)."""
    for name, run in RUNS.items():
        (GOLDEN / f"{name}.md").write_text(render_markdown(run()), encoding="utf-8")


if __name__ == "__main__":
    write_golden_files()
