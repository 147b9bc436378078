"""``state_as_io`` of a model that has no state in its format is an error, never without effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.errors import MissingModel, UsageError
from tfjsci.load.load import LoadOptions, load


@pytest.mark.parametrize(
    ("format_", "why"),
    [
        ("frozen", "a frozen graph's variables are constants"),
        ("tfjs_graph_model", "a graph model's variables are weights"),
        ("tfjs_layers_model", "of a layers model's layers none keeps state"),
    ],
)
def test_it_is_refused_with_the_reason(tmp_path: Path, format_: str, why: str) -> None:
    with pytest.raises(UsageError, match=rf"m has no state that could become inputs and outputs: {why}"):
        load(tmp_path / "m", format=format_, options=LoadOptions(state_as_io=True))


@pytest.mark.parametrize("format_", ["keras", "h5"])
def test_where_there_may_be_state_the_model_is_looked_at(tmp_path: Path, format_: str) -> None:
    with pytest.raises(MissingModel):
        load(tmp_path / "m", format=format_, options=LoadOptions(state_as_io=True))
