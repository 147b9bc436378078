"""A Hessian tells the squared error that a change of the weight makes at the layer's output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfjsci.calibrate.hessian import Hessian
from tfjsci.calibrate.layout import Layout, rows_of, value_of
from tfjsci.calibrate.patches import Windows
from tfjsci.calibrate.readings import Reading
from tfjsci.calibrate.target import made_up_for

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("layout", "shape"),
    [("in-out", (4, 3)), ("out-in", (3, 4)), ("convolution", (2, 3, 4, 5)), ("depthwise", (2, 3, 4, 5))],
)
def test_rows_and_back(layout: Layout, shape: tuple[int, ...]) -> None:
    value = RNG.normal(size=shape)
    rows = rows_of(value, layout)
    assert rows.shape == {
        "in-out": (1, 4, 3), "out-in": (1, 4, 3), "convolution": (1, 24, 5), "depthwise": (4, 6, 5)
    }[layout]  # fmt: skip
    assert np.array_equal(value_of(rows, layout, shape), value)


@pytest.mark.parametrize(("layout", "transposed"), [("in-out", False), ("out-in", False), ("in-out", True)])
def test_error_of_a_product(layout: Layout, transposed: bool) -> None:
    x = RNG.normal(size=(7, 4)).astype(np.float32)
    change = RNG.normal(size=(4, 3))
    hessian = Hessian(1, 4)
    reading = Reading(activation="x", layout=layout, transposed=transposed)
    for part in (x[:2], x[2:]):
        given = part.T if transposed else part
        hessian.add(reading, given, given)
    stored = change.T if layout == "out-in" else change
    assert hessian.positions == 7
    assert _error(hessian, stored, layout) == pytest.approx(np.square(x @ change).sum(), rel=1e-5)


def test_a_batch_of_products_counts_each_row() -> None:
    x = RNG.normal(size=(2, 3, 4)).astype(np.float32)
    hessian = Hessian(1, 4)
    hessian.add(Reading(activation="x", layout="in-out"), x, x)
    assert hessian.positions == 6
    assert np.allclose(hessian.matrix[0], np.einsum("bpi,bpj->ij", x, x), rtol=1e-5)


def test_error_of_convolutions_each_depthwise_channel_by_itself() -> None:
    images = RNG.normal(size=(2, 5, 5, 3)).astype(np.float32)
    windows = Windows(size=(3, 3), padding="VALID")
    seen = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))  # [n, y, x, channel, i, j]
    plain, depthwise = RNG.normal(size=(3, 3, 3, 4)), RNG.normal(size=(3, 3, 3, 2))
    hessian = Hessian(1, 27)
    hessian.add(Reading(activation="x", layout="convolution", windows=windows), images, images)
    wanted = np.square(np.einsum("nyxcij,ijco->nyxo", seen, plain)).sum()
    assert _error(hessian, plain, "convolution") == pytest.approx(wanted, rel=1e-5)
    of_channels = Hessian(3, 9)
    of_channels.add(Reading(activation="x", layout="depthwise", windows=windows), images, images)
    wanted = np.square(np.einsum("nyxcij,ijcm->nyxcm", seen, depthwise)).sum()
    assert _error(of_channels, depthwise, "depthwise") == pytest.approx(wanted, rel=1e-5)


def test_readers_are_summed_up_and_what_is_not_finite_is_of_no_use() -> None:
    x = RNG.normal(size=(5, 2)).astype(np.float32)
    reading = Reading(activation="x", layout="in-out")
    hessian = Hessian(1, 2)
    assert not hessian.usable
    hessian.add(reading, x[:3], x[:3])
    hessian.add_sum(x[3:].T @ x[3:])
    assert hessian.usable
    assert np.allclose(hessian.matrix[0], x.T @ x, rtol=1e-5)
    assert np.array_equal(hessian.matrix, hessian.cross)
    with np.errstate(invalid="ignore"):
        hessian.add(reading, np.full((1, 2), np.inf), np.ones((1, 2)))
    assert not hessian.usable


def _error(hessian: Hessian, change: Any, layout: Layout) -> float:
    rows = rows_of(change, layout)
    return float(np.einsum("bko,bkl,blo->", rows, hessian.matrix, rows))


def test_the_weight_makes_up_for_what_came_before() -> None:
    original = RNG.normal(size=(400, 4)).astype(np.float32)
    fed = np.asarray(original * [1.1, 0.9, 1.0, 1.0], dtype=np.float32)
    hessian = Hessian(1, 4)
    hessian.add(Reading(activation="x", layout="in-out"), fed, original)
    rows = RNG.normal(size=(1, 4, 3))
    moved = made_up_for(rows, hessian, damping=1e-9)
    best = np.linalg.lstsq(fed, original @ rows[0], rcond=None)[0]
    assert np.allclose(moved[0], best, atol=1e-4)
    assert np.square(fed @ moved[0] - original @ rows[0]).sum() < np.square((fed - original) @ rows[0]).sum() / 2


def test_a_weight_stays_where_nothing_was_lost_and_where_nothing_comes() -> None:
    x = RNG.normal(size=(50, 4)).astype(np.float32) * [1, 1, 0, 1]
    hessian = Hessian(1, 4)
    hessian.add(Reading(activation="x", layout="in-out"), x, x)
    rows = RNG.normal(size=(1, 4, 3))
    assert np.array_equal(made_up_for(rows, hessian), rows)
    hessian.add(Reading(activation="x", layout="in-out"), x * 1.5, x)
    moved = made_up_for(rows, hessian)
    assert np.array_equal(moved[0, 2], rows[0, 2])
    assert not np.allclose(moved[0, 0], rows[0, 0])
