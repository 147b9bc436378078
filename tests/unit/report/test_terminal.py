"""The end of a run on a terminal: the table, the reasons, the steps, and nothing that moves the cursor."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from unit.report import fixtures

from tfjsci.report.terminal import render_terminal
from tfjsci.results.run_result import RunResult


def shown(run: RunResult, *, width: int = 110, colour: bool = False, report: Path | None = None) -> str:
    written = io.StringIO()
    console = Console(file=written, width=width, force_terminal=colour, highlight=False)
    render_terminal(run, console, report=report)
    return written.getvalue()


def test_all_pass_is_a_table_and_a_line() -> None:
    lines = [
        line.rstrip() for line in shown(fixtures.all_pass(), report=Path("out/report.md")).splitlines() if line.strip()
    ]
    assert len(lines) == 1 + 9 + 2
    assert lines[0].split() == [
        "Verdict", "Model", "Variant", "Size", "brotli", "Worst", "SQNR", "webgl", "(software)", "wasm",
    ]  # fmt: skip
    assert lines[-2:] == ["TensorFlow.js models: all 3 pass", "The whole report: out/report.md"]


def test_what_failed_comes_with_its_steps_and_its_command() -> None:
    text = shown(fixtures.mixed(), width=400)
    for expected in (
        "❌ fail detector  tfjsci.yml:31",
        "❌ fail: CombinedNonMaxSuppression × 1 can't run on webgl, wasm: TensorFlow.js has no such op",
        "❌ fail: SQNR of output 'predictions' of uint8 on webgl against float is 11.2 dB, the limit is 20 dB",
        "⚠️ warn: steady inference of float on webgl (software renderer) took 412 ms",
        "3. Or accept it: set budget.steady_ms.wasm to 68 ms and budget.steady_ms.webgl to 460 ms.",
        "to see it again: tfjsci run tfjsci.yml --model mobilenet",
    ):
        assert expected in text
    assert text.index("detector  tfjsci.yml") < text.index("mobilenet  tfjsci.yml") < text.index("speech  tfjsci.yml")


def test_a_run_that_could_not_be_done_says_why_and_what_to_do() -> None:
    text = shown(fixtures.no_browser())
    assert "❌ fail (compare): no browser was found" in text
    assert "Install Chromium, or set TFJSCI_BROWSER" in text
    assert "✅" not in text


@pytest.mark.parametrize("colour", [False, True])
def test_nothing_from_outside_reaches_the_terminal_as_a_command(colour: bool) -> None:
    text = shown(fixtures.hostile(), colour=colour)
    assert "\u202e" not in text
    assert "\x1b[2J" not in text
    assert "␛[2J" in text


def test_markup_of_rich_is_shown_not_obeyed() -> None:
    from dataclasses import replace

    text = shown(fixtures.run_result(replace(fixtures.gated(), name="[red]x[/red]")), width=200)
    assert "❌ fail [red]x[/red]" in text
