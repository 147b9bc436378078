"""Schemes to search for, asked for in Python and on the command line."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tfjsci import api
from tfjsci.cli.convert import convert
from tfjsci.cli.status_line import status_line
from tfjsci.cli.told import as_lines
from tfjsci.conversion.asked import wanted_of
from tfjsci.conversion.conversion import Conversion
from tfjsci.conversion.searched import outcome_of
from tfjsci.errors import UsageError
from tfjsci.manifest.mixed_checks import GOALS
from tfjsci.manifest.resolved import AutoSpec
from tfjsci.search.found import Point, SearchFound

X = {"x": [[1.0, 2.0]]}


def test_thresholds_and_bounds_are_those_of_a_manifest() -> None:
    auto = {"sqnr_db": 25, "top1": None, "minutes": 2.0}
    wanted = wanted_of(auto=auto, auto_inputs=X, exclude=["*head*"])
    wanted.require_consistent()
    assert wanted.quantizations is None
    assert wanted.auto is not None
    assert (wanted.auto.limits, wanted.auto.bounds) == ({"sqnr_db": 25.0}, AutoSpec(minutes=2.0))
    assert (wanted.auto.include, wanted.auto.exclude) == ((), ("*head*",))
    assert np.array_equal(wanted.auto.samples["x"], [[1.0, 2.0]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"auto": {"sqnr": 25}, "auto_inputs": X}, 'auto has no \'sqnr\'. Did you mean "sqnr_db"?'),
        ({"auto": {"minutes": 2}, "auto_inputs": X}, "auto needs a threshold"),
        ({"auto": {"sqnr_db": "25"}, "auto_inputs": X}, "auto's sqnr_db is '25', not a number"),
        ({"auto": {"kl": float("nan")}, "auto_inputs": X}, "auto's kl is nan, not a number"),
        ({"auto": {"sqnr_db": 25}}, "auto needs samples to hold its thresholds on"),
        ({"auto_inputs": X}, "auto_inputs need auto"),
        ({"auto": {"sqnr_db": 25}, "auto_inputs": X, "quantize": "uint8"}, "auto chooses the schemes, so quantize can't, too"),
        (
            {"auto": {"sqnr_db": 25}, "auto_inputs": X, "output_format": "layers"},
            "schemes are searched for in a graph model, not in one of the output format layers",
        ),
    ],
)  # fmt: skip
def test_what_cant_be_searched_for_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        wanted_of(**options).require_consistent()
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quantize", "auto"], "--quantize auto needs what it is to meet: --sqnr-db, --top1 or another threshold"),
        (["--quantize", "auto", "--sqnr-db", "25"], "--quantize auto needs samples: --inputs"),
        (["--quantize", "uint8", "--sqnr-db", "25"], "--inputs and --allow-initializer need --quantize auto"),
        (["--allow-initializer"], "--inputs and --allow-initializer need --quantize auto"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path: Path, arguments: Sequence[str], message: str) -> None:
    done = CliRunner().invoke(convert, ["m.keras", str(tmp_path / "out"), *arguments])
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "out").exists()


def test_the_command_has_an_option_for_each_threshold_of_a_search(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard: dict[str, Any] = {}

    def told(_source: str, _output: Path, **options: Any) -> None:
        heard.update(options)
        raise UsageError("heard", hint="")

    monkeypatch.setattr(api, "convert", told)
    given = [text for name in GOALS for text in (f"--{name.replace('_', '-')}", "0.5")]
    CliRunner().invoke(convert, ["m", str(tmp_path / "out"), "--quantize", "auto", "--inputs", __file__, *given])
    assert heard["auto"] == {**dict.fromkeys(GOALS, 0.5), "allow_initializer": False}


def test_the_entry_is_printed_as_it_is_to_be_pasted(tmp_path: Path) -> None:
    entry = "- name: auto\n  mixed:\n    - {scheme: uint8, levels: 32, include: [a]}\n"
    made = Conversion(
        path=tmp_path,
        source="m",
        input_format="keras",
        output_format="graph",
        files=("model.json",),
        quantize_entry=entry,
    )
    lines = list(as_lines(made))
    at = lines.index("  quantize:  # what was chosen, for a manifest")
    assert "".join(f"{line[4:]}\n" for line in lines[at + 1 : at + 4]) == entry


def found(**changes: Any) -> SearchFound:
    points = (Point(brotli_bytes=900, value=24.0, met=False), Point(brotli_bytes=1000, value=26.2, met=True))
    whole = SearchFound(
        variant="auto", limits={"sqnr_db": 25.0, "top1": 1.0}, metric="sqnr_db", points=points, chosen=1, entry="",
        evaluations=145,
    )  # fmt: skip
    return replace(whole, **changes)


def test_what_came_of_the_search_is_told_with_what_was_asked_and_the_download() -> None:
    assert outcome_of(found(), 8690) == (
        "auto ran 145 combinations in TensorFlow; what is written comes to SQNR 26.2 dB there (asked: SQNR 25 dB, "
        "top-1 agreement 1) and is 8.69 kB to download with brotli"
    )
    assert outcome_of(found(stopped="minutes"), 8690).endswith(
        "; the limit of minutes ended the search, a faster machine may find something else"
    )
    assert outcome_of(found(stopped="evaluations"), 8690).endswith("; the limit of evaluations ended the search")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_the_search_is_at_is_shown_on_a_terminal_alone() -> None:
    seen, log, quiet = Terminal(), io.StringIO(), Terminal()
    for stream, shown in ((seen, True), (log, True), (quiet, False)):
        with status_line(stream, shown=shown) as say:
            say("weight 3 of 12: conv\x1b[2J/kernel")
            time.sleep(0.2)  # the line is drawn a dozen times a second
    assert "weight 3 of 12: conv␛[2J/kernel" in seen.getvalue()
    assert log.getvalue() == quiet.getvalue() == ""
