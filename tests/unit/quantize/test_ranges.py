"""Where ranges end: nearly as good as the best of all, by trying (short rows) and by counting (long ones)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from tfjsci.quantize import ranges
from tfjsci.quantize.grid import Errors, grid_between
from tfjsci.quantize.ranges import LONG, least_error

BEST_OF = 0.92 ** np.arange(0, 20)


def best_of_many(row: Any, steps: int) -> float:
    """The least squared error of 400 ranges, each end apart."""
    errors = Errors(row.astype(np.float64))
    ends = float(row.min()), float(row.max())
    found = (
        errors.of(grid_between(np.array([[ends[0] * a]]), np.array([[ends[1] * b]]), steps, single=True))
        for a in BEST_OF
        for b in BEST_OF
    )
    return min(float(each.item()) for each in found)


def draw(kind: str, size: int) -> Any:
    rng = np.random.default_rng(0)
    values = {
        "normal": lambda: rng.normal(size=size),
        "heavy tails": lambda: rng.standard_t(4, size),
        "one side": lambda: np.abs(rng.normal(size=size)),
        "lopsided": lambda: rng.normal(size=size) * np.where(rng.random(size) < 0.5, 0.1, 1) ** 2,
        "mostly zeros": lambda: rng.normal(size=size) * (rng.random(size) < 0.1),
    }[kind]()
    return values.astype(np.float32)[None, :]


@pytest.mark.parametrize("kind", ["normal", "heavy tails", "one side", "lopsided", "mostly zeros"])
@pytest.mark.parametrize("long", [LONG, 2000])
def test_nearly_the_best_there_is(monkeypatch: pytest.MonkeyPatch, kind: str, long: int) -> None:
    monkeypatch.setattr(ranges, "LONG", long)
    size = 4000
    row = draw(kind, size)
    grid = least_error(partial(iter, (row,)), size, 15, single=True)
    found = float(Errors(row.astype(np.float64)).of(grid).item())
    assert found <= best_of_many(row, 15) * 1.06  # a quarter of a dB


def test_each_row_has_its_own() -> None:
    rows = np.concatenate([draw("normal", 500), draw("heavy tails", 500) * 100])
    both = least_error(partial(iter, (rows,)), 500, 15, single=True)
    for i in (0, 1):
        alone = least_error(partial(iter, (rows[i : i + 1],)), 500, 15, single=True)
        assert (both.scale[i], both.offset[i]) == (alone.scale[0], alone.offset[0])
