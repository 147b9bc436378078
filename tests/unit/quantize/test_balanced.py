"""Errors that cancel out: a channel's sum up to half a step at most, no value is off by more than three quarters, and 0 is 0."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfjsci.dtypes import SchemeName
from tfjsci.quantize import balanced
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import BITS, Ranges, Scheme
from tfjsci.quantize.weight import QuantizedWeight

SCHEMES = st.sampled_from(sorted(BITS))
HALF = 0.5 + 1e-3
"""Of a step, and what float32 loses when some hundred are added up."""
ARRAYS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=4, max_side=6),
    elements=st.floats(-10, 10, width=32) | st.sampled_from([0.0, 1e-45, 1e4, -1e30]),
)


def both(value: Any, name: SchemeName, axes: tuple[int, ...], **options: Any) -> tuple[QuantizedWeight, ...]:
    """Balanced, and to the nearest."""
    return tuple(
        quantize_weight(value, Scheme(name=name, rounding=rounding, **options), axes=axes)
        for rounding in ("balanced", "nearest")
    )


def off(weight: QuantizedWeight, value: Any) -> Any:
    """In steps, in double, of the weight's shape."""
    scale, offset = (np.broadcast_to(each.astype(np.float64), weight.grouped) for each in (weight.scale, weight.offset))
    return ((value.reshape(weight.grouped).astype(np.float64) - offset) / scale - weight.codes).reshape(value.shape)


@given(ARRAYS, SCHEMES, st.sampled_from(["min-max", "least-error"]))
def test_a_code_is_the_nearest_or_the_one_beside_it(value: Any, name: SchemeName, ranges: Ranges) -> None:
    mine, nearest = both(value, name, (value.ndim - 1,), ranges=ranges)
    np.testing.assert_array_equal(mine.scale, nearest.scale)
    apart = np.abs(mine.codes.astype(int) - nearest.codes)
    assert apart.max() <= 1
    assert mine.codes.max() < 2 ** BITS[name]
    assert np.isfinite(mine.values()).all()
    rounded = np.abs(off(mine, value))[apart.reshape(value.shape) > 0]
    assert rounded.size == 0 or rounded.max() <= 1 - balanced.LEAST + 1e-6


@given(ARRAYS, SCHEMES, st.sampled_from(["min-max", "least-error"]))
def test_what_is_exact_stays_so(value: Any, name: SchemeName, ranges: Ranges) -> None:
    value = np.concatenate([value, np.zeros_like(value[:1])])
    mine, _ = both(value, name, (value.ndim - 1,) if value.ndim > 1 else (), ranges=ranges)
    assert (mine.values()[value == 0] == 0).all()


@pytest.mark.parametrize("name", sorted(BITS))
@pytest.mark.parametrize(
    ("shape", "axes"), [((300, 20), (1,)), ((20, 300), (0,)), ((3, 3, 40, 6), (3,)), ((3, 3, 8, 2), (2, 3))]
)
def test_a_channels_errors_sum_up_to_half_a_step_at_most(
    name: SchemeName, shape: tuple[int, ...], axes: tuple[int, ...]
) -> None:
    """With all channels' codes spread over the whole range, so that there is room everywhere; and the near miss, without."""
    value = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    others = tuple(axis for axis in range(len(shape)) if axis not in axes)
    mine, nearest = (np.abs(off(each, value).sum(axis=others)) for each in both(value, name, axes, ranges="min-max"))
    assert mine.max() <= HALF
    assert nearest.max() > 0.7


def test_each_groups_too() -> None:
    value = np.random.default_rng(1).normal(size=(64, 12)).astype(np.float32)
    mine, _ = both(value, "int4", (1,), group=32, ranges="min-max")
    assert np.abs(off(mine, value).reshape(2, 32, 12).sum(axis=1)).max() <= HALF


def test_the_error_of_each_value_hardly_grows() -> None:
    value = np.random.default_rng(2).normal(size=(512, 64)).astype(np.float32)
    mine, nearest = (np.square(off(each, value)).sum() for each in both(value, "uint8-per-channel", (1,)))
    assert nearest < mine < 1.05 * nearest


def test_outputs_of_positive_inputs_come_nearer() -> None:
    """Activations behind a ReLU; of inputs without a mean there is nothing to gain, and next to nothing lost."""
    draw = np.random.default_rng(3)
    value = draw.normal(size=(256, 64)).astype(np.float32)
    inputs = draw.normal(size=(500, 256))
    decibel = {}
    for kind, x in {"positive": np.maximum(inputs, 0), "centred": inputs}.items():
        lost = [np.square(x @ (each.values() - value)).sum() for each in both(value, "int4", (1,))]
        decibel[kind] = 10 * np.log10(lost[1] / lost[0])
    assert decibel["positive"] > 1
    assert decibel["centred"] > -0.3


def test_without_channels_there_is_nothing_to_balance() -> None:
    value = np.random.default_rng(4).normal(size=(300, 20)).astype(np.float32)
    for name in ("uint8", "int4"):
        mine, nearest = both(value, name, ())
        np.testing.assert_array_equal(mine.codes, nearest.codes)


def test_upstreams_own_codes_are_left_alone() -> None:
    value = np.random.default_rng(5).normal(size=(300, 20)).astype(np.float32)
    mine, nearest = both(value, "uint8", (1,), exact_upstream=True)
    np.testing.assert_array_equal(mine.codes, nearest.codes)


def test_each_row_has_the_codes_that_it_has_alone_and_each_time() -> None:
    value = np.random.default_rng(6).standard_t(3, size=(3, 30, 5)).astype(np.float32)
    scheme = Scheme(name="int4", ranges="min-max", rounding="balanced")
    for axes in ((0,), (1,), (2,), (0, 2), (1, 2)):
        whole = quantize_weight(value, scheme, axes=axes).values()
        np.testing.assert_array_equal(quantize_weight(value, scheme, axes=axes).values(), whole)
        for place in np.ndindex(*(value.shape[axis] for axis in axes)):
            at = tuple(place[axes.index(axis)] if axis in axes else slice(None) for axis in range(3))
            alone = quantize_weight(value[at][..., np.newaxis], scheme, axes=(-1,)).values()[..., 0]
            np.testing.assert_array_equal(alone, whole[at])


def test_a_long_row_goes_on_where_the_stretch_before_ended() -> None:
    value = np.random.default_rng(7).uniform(-1, 1, (3 * balanced.STRETCH + 100, 3)).astype(np.float32)
    mine, _ = both(value, "uint8", (1,))
    sums = np.abs(np.cumsum(off(mine, value), axis=0))
    assert sums[-1].max() <= 0.6  # float32's own errors add up, too
    assert sums[balanced.STRETCH - 1 :: balanced.STRETCH].max() <= 0.6


def test_errors_that_arent_spread_evenly_are_balanced_too() -> None:
    """All off by a third of a step to the same side but the ends: a third of them go to the other."""
    value = np.array([0, 15] + [7 + 1 / 3] * 300, np.float32)[:, np.newaxis]
    mine, nearest = both(value, "int4", (1,), ranges="min-max")
    assert abs(off(nearest, value).sum()) == pytest.approx(100, abs=1e-3)
    assert abs(off(mine, value).sum()) <= HALF
    assert np.count_nonzero(mine.codes == 8) == 100


def test_beside_the_codes_little_memory_is_needed() -> None:
    value = np.random.default_rng(8).normal(size=(1500, 1600)).astype(np.float32)
    for name, axes in (("uint8", (0,)), ("uint8-per-channel", (1,))):
        tracemalloc.start()
        both(value, name, axes, ranges="min-max")  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak - 2 * value.size < 12 << 20
