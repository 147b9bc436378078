"""What the user sees while a run goes on, to the letter."""

from __future__ import annotations

import io
import os
import pty
import re
from itertools import count
from types import SimpleNamespace

import pytest

from tfjsci import progress as module
from tfjsci.progress import Bar, Lines, Progress, Silent, Step, line_of

HOSTILE = "a\x1b[2Jb\r\nc[red]d\u202ee"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step takes 1.5 s."""
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=count(0.0, 1.5).__next__))


def fail(step: Step) -> None:
    step.detail = "LRN isn't there"
    raise ValueError("boom")


def three_steps(progress: Progress) -> None:
    """One that passes, one that fails, one that is interrupted before it says anything; and one that is left out."""
    progress.begin(12)
    with progress.step("digits", "convert") as step:
        step.detail = "keras, 9 nodes"
    with pytest.raises(ValueError, match="boom"), progress.step("digits", "check ops") as step:
        fail(step)
    progress.skip(9)
    with pytest.raises(KeyboardInterrupt), progress.step(HOSTILE, "compare float on wasm"):
        raise KeyboardInterrupt
    progress.end()


def test_lines() -> None:
    out = io.StringIO()
    three_steps(Lines(out))
    assert out.getvalue() == (
        "[ 1/12] digits: convert: keras, 9 nodes (1.50 s)\n"
        "[ 2/12] digits: check ops: LRN isn't there (1.50 s)\n"
        "[3/3] a␛[2Jb␍␊c[red]d\\u202ee: compare float on wasm: failed (1.50 s)\n"
    )


def test_lines_are_flushed_one_by_one(tmp_path: object) -> None:
    read, write = os.pipe()
    lines = Lines(os.fdopen(write, "w"))
    lines.begin(1)
    with lines.step("m", "convert"):
        pass
    assert os.read(read, 1000) == b"[1/1] m: convert (1.50 s)\n"
    os.close(read)


def test_a_reader_who_left_fails_no_step() -> None:
    read, write = os.pipe()
    os.close(read)
    out = os.fdopen(write, "w")
    lines = Lines(out)
    lines.begin(2)
    for _ in range(2):
        with lines.step("m", "convert"):
            pass
    with pytest.raises(BrokenPipeError):  # the proof that nobody listened
        out.close()


def test_silence() -> None:
    three_steps(Silent())


def test_every_display_times_its_steps() -> None:
    for progress in (Silent(), Lines(io.StringIO()), Bar(io.StringIO())):
        progress.begin(1)
        with progress.step("m", "convert") as step:
            pass
        progress.end()
        assert step.seconds == 1.5


def test_what_a_long_step_is_at_stands_in_the_bar_alone() -> None:
    bar, lines = Bar(io.StringIO()), io.StringIO()
    bar.begin(1)
    with bar.step("m", "search") as step:
        step.say("weight 3 of 9: \x1b[2Jkernel")
        (task,) = bar._progress.tasks
        assert task.description == "m: search: weight 3 of 9: \u241b[2Jkernel"
    bar.end()
    with Lines(lines).step("m", "search") as step:
        step.say("weight 3 of 9")
    assert "weight" not in lines.getvalue()


def test_a_bar_on_a_terminal_leaves_the_same_lines_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        three_steps(Bar(terminal))
    shown = b""
    try:
        while more := os.read(leader, 65536):
            shown += more
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(leader)
    text = shown.decode()
    assert "3/3" in text, "the bar counts what is left to do"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    kept = [line.strip() for line in re.split(r"[\r\n]+", plain) if line.strip().startswith(("✓", "✗"))]
    assert kept == [
        "✓ digits: convert: keras, 9 nodes (1.50 s)",
        "✗ digits: check ops: LRN isn't there (1.50 s)",
        "✗ a␛[2Jb␍␊c[red]d\\u202ee: compare float on wasm: failed (1.50 s)",
    ]
    assert "\x1b[2J" not in text, "a model's name must not clear the screen"
    assert "\x1b[?25h" in text, "the cursor is shown again"


def test_a_detail_of_ten_kilobytes_is_cut() -> None:
    line = line_of("m" * 10_000, "w" * 10_000, Step(detail="d" * 10_000))
    assert len(line) < 400


def test_what_failed_is_said_whole() -> None:
    """A name is cut after 80 characters; a sentence that names an op and its backends is none."""
    why = "ops that can't run in TensorFlow.js: SelfAdjointEigV2 on webgl, wasm (TensorFlow.js 4.22.0 has no such op)"
    assert line_of("digits", "check ops", Step(detail=why)) == f"digits: check ops: {why} (0.00 s)"
