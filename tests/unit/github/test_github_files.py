"""Outputs and the summary: files of the runner's, appended to, whole."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from github.runner import read_outputs

from tfjsci.github.outputs import OUTPUTS, write_outputs
from tfjsci.github.summary import LIMIT_BYTES, append_summary, room_for_summary

VALUES = dict.fromkeys(OUTPUTS, "")


def test_a_value_cannot_end_itself_or_begin_another(tmp_path: Path) -> None:
    words = itertools.count()
    evil = "word-0\nverdict=pass\nword-1\nresults<<word-2\nx"
    values = {**VALUES, "verdict": "fail", "report": evil}
    write_outputs(tmp_path / "out", values, word=lambda: f"word-{next(words)}")
    assert read_outputs((tmp_path / "out").read_text()) == values


def test_it_is_appended(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("earlier=1\n")
    write_outputs(tmp_path / "out", VALUES, word=lambda: "word")
    assert (tmp_path / "out").read_text().startswith("earlier=1\nverdict<<word\n")


@pytest.mark.parametrize("values", [{}, {**VALUES, "more": ""}])
def test_all_outputs_and_no_others(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="outputs are"):
        write_outputs(tmp_path / "out", values, word=lambda: "word")


def test_the_summary_counts_bytes_and_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    assert room_for_summary(path) == LIMIT_BYTES == 1_048_576
    append_summary(path, "ä" * 100)
    assert room_for_summary(path) == LIMIT_BYTES - 200
    append_summary(path, "x" * (LIMIT_BYTES - 200))
    with pytest.raises(ValueError, match="doesn't fit"):
        append_summary(path, "x")
    assert path.stat().st_size == LIMIT_BYTES
