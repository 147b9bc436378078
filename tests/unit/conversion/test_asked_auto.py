"""Schemes to search for, asked for in Python and on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tfjsci.cli.convert import convert
from tfjsci.cli.told import as_lines
from tfjsci.conversion.asked import wanted_of
from tfjsci.conversion.conversion import Conversion
from tfjsci.errors import UsageError
from tfjsci.manifest.resolved import AutoSpec

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
        (["--quantize", "auto"], "--quantize auto needs what it is to meet: --sqnr-db or --top1"),
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
