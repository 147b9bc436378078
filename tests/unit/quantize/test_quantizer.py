"""Weights as codes: finite whatever they are, right to half a step, zero exact, and never worse for a chosen range."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfjsci.dtypes import SchemeName
from tfjsci.quantize.quantizer import quantize_weight, stored_values, with_codes
from tfjsci.quantize.scheme import BEST_RANGES, BITS, Ranges, Scheme
from tfjsci.quantize.weight import QuantizedWeight

LARGEST = float(np.finfo(np.float32).max)
SCHEMES = st.sampled_from(sorted(BITS))
NUMBERS = (
    st.floats(-LARGEST, LARGEST, width=32)
    | st.floats(-10, 10, width=32)
    | st.sampled_from([0.0, -0.0, 1e-45, -3e-39, 1e30, 3e38, -3e38, LARGEST])
)
ARRAYS = arrays.arrays(np.float32, arrays.array_shapes(min_dims=0, max_dims=4, max_side=5), elements=NUMBERS)


def minmax(name: SchemeName, **options: Any) -> Scheme:
    return Scheme(name=name, ranges="min-max", rounding="nearest", **options)


def least_error(name: SchemeName, **options: Any) -> Scheme:
    return Scheme(name=name, ranges="least-error", rounding="nearest", **options)


def last_axis(value: Any) -> tuple[int, ...]:
    return (value.ndim - 1,) if value.ndim else ()


def off(weight: QuantizedWeight, value: Any) -> Any:
    """How far each value is off, in double."""
    return np.abs(weight.values().astype(np.float64) - value)


def steps_of(weight: QuantizedWeight) -> Any:
    """The step of each value, of the weight's shape."""
    return np.broadcast_to(weight.scale.astype(np.float64), weight.grouped).reshape(weight.shape)


class TestEdges:
    @example(np.array([[-3.4019931e38], [-1.0]], np.float32), "int4", "min-max")  # the nearest whole step is infinite
    @given(ARRAYS, SCHEMES, st.sampled_from(["min-max", "least-error"]))
    def test_no_value_becomes_infinite_or_another_shape(self, value: Any, name: SchemeName, ranges: Any) -> None:
        weight = quantize_weight(value, Scheme(name=name, ranges=ranges), axes=last_axis(value))
        assert weight.values().shape == value.shape
        assert weight.values().dtype == np.float32
        assert np.isfinite(weight.values()).all()
        assert weight.codes.max(initial=0) < 2 ** BITS[name]

    @given(ARRAYS, SCHEMES)
    def test_no_value_is_off_by_more_than_half_a_step(self, value: Any, name: SchemeName) -> None:
        assume(value.size == 0 or float(np.abs(value).max()) < 1e38)
        weight = quantize_weight(value, minmax(name), axes=last_axis(value))
        varies = np.ptp(value, axis=tuple(range(value.ndim - 1))) if value.ndim else np.zeros(())
        if not BITS[name] or name in ("uint8", "uint16"):
            varies = np.ptp(value)
        # the sums of a page are rounded to float32 each; those of the runtime once
        largest = float(np.abs(value).max(initial=0))
        rounding = largest * 2.0**-22 + 1.5e-45
        assert (off(weight, value) <= np.where(varies > 0, steps_of(weight) / 2, 0) * (1 + 1e-9) + rounding).all()

    @given(ARRAYS, SCHEMES, st.sampled_from(["min-max", "least-error"]))
    def test_zero_stays_exactly_zero(self, value: Any, name: SchemeName, ranges: Any) -> None:
        assume(value.ndim)
        value = np.concatenate([value, np.zeros_like(value[:1])])
        weight = quantize_weight(
            value, Scheme(name=name, ranges=ranges), axes=last_axis(value) if value.ndim > 1 else ()
        )
        assert (weight.values()[-1] == 0).all()

    @given(ARRAYS, SCHEMES)
    def test_a_chosen_range_is_never_worse_than_the_whole(self, value: Any, name: SchemeName) -> None:
        assume(value.size == 0 or float(np.abs(value).max()) < 1e38)
        axes = last_axis(value)
        chosen, whole = (quantize_weight(value, each, axes=axes) for each in (least_error(name), minmax(name)))
        squares = [float(np.square(off(each, value)).sum()) for each in (chosen, whole)]
        rounding = value.size * (float(np.abs(value).max(initial=0)) * 2.0**-22 + 1.5e-45) ** 2
        assert squares[0] <= squares[1] * (1 + 1e-6) + 2 * rounding + 2 * np.sqrt(squares[1] * rounding)

    @given(st.floats(-LARGEST, LARGEST, width=32), SCHEMES)
    def test_a_constant_weight_is_exact(self, number: float, name: SchemeName) -> None:
        value = np.full((2, 3), number, np.float32)
        np.testing.assert_array_equal(quantize_weight(value, Scheme(name=name), axes=(1,)).values(), value)

    @pytest.mark.parametrize("name", sorted(BITS))
    def test_one_outlier_costs_its_own_channel_alone(self, name: SchemeName) -> None:
        value = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
        value[5, 1] = 1e30
        weight = quantize_weight(value, Scheme(name=name), axes=(1,))
        assert weight.values()[5, 1] == pytest.approx(1e30, rel=0.01)
        if weight.scheme.needs_initializer:
            assert off(weight, value)[:, [0, 2]].max() < 0.4

    @pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 4)])
    def test_an_empty_weight_is_empty(self, shape: tuple[int, ...]) -> None:
        for name in BITS:
            assert quantize_weight(np.zeros(shape, np.float32), Scheme(name=name), axes=(0,)).values().shape == shape

    @pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
    def test_what_is_not_finite_is_refused(self, number: float) -> None:
        value = np.ones((8, 8), np.float32)
        value[3, 3] = number
        for scheme in (Scheme(name="int4"), Scheme(name="uint8"), Scheme(name="uint8", exact_upstream=True)):
            with pytest.raises(ValueError, match="NaN or infinity"):
                quantize_weight(value, scheme, axes=(1,))


class TestScales:
    VALUE = np.random.default_rng(1).normal(size=(3, 3, 32, 5)).astype(np.float32)

    def shapes(self, name: SchemeName, axes: tuple[int, ...], group: int | None = None) -> Any:
        weight = quantize_weight(self.VALUE, Scheme(name=name, group=group), axes=axes)
        assert weight.codes.shape == weight.grouped
        assert off(weight, self.VALUE).max() <= np.ptp(self.VALUE) / 8
        return weight.grouped, weight.scale.shape, weight.scale.dtype.name

    def test_one_of_a_tensor_is_a_double_as_in_model_json(self) -> None:
        assert self.shapes("uint8", (3,)) == ((3, 3, 32, 5), (1, 1, 1, 1), "float64")

    def test_one_of_each_channel_is_what_a_page_multiplies_with(self) -> None:
        assert self.shapes("uint8-per-channel", (3,)) == ((3, 3, 32, 5), (1, 1, 1, 5), "float32")
        assert self.shapes("int6", (2, 3)) == ((3, 3, 32, 5), (1, 1, 32, 5), "float32")
        assert self.shapes("uint16-per-channel", ()) == ((3, 3, 32, 5), (1, 1, 1, 1), "float32")

    def test_groups_are_of_one_channel(self) -> None:
        assert self.shapes("int4", (3,), 32) == ((9, 32, 5), (9, 1, 5), "float32")
        assert self.shapes("int4", (3,), 128) == ((3, 96, 5), (3, 1, 5), "float32")
        assert self.shapes("int4", (0,), 16) == ((3, 30, 16), (3, 30, 1), "float32")

    def test_a_group_that_no_divisor_of_a_channel_fits_is_the_channel(self) -> None:
        value = np.ones((37, 4), np.float32)
        assert quantize_weight(value, Scheme(name="int4", group=16), axes=(1,)).grouped == (37, 4)

    def test_each_row_has_the_scale_that_it_has_alone(self) -> None:
        """However the rows are blocked: the same codes, over every layout."""
        value = np.random.default_rng(2).standard_t(3, size=(3, 6, 5)).astype(np.float32)
        for axes in ((0,), (1,), (2,), (0, 2), (0, 1), (1, 2)):
            whole = quantize_weight(value, least_error("int4"), axes=axes).values()
            for place in np.ndindex(*(value.shape[axis] for axis in axes)):
                at = tuple(place[axes.index(axis)] if axis in axes else slice(None) for axis in range(3))
                np.testing.assert_array_equal(
                    quantize_weight(value[at], least_error("int4"), axes=()).values(), whole[at]
                )

    def test_fewer_levels(self) -> None:
        weight = quantize_weight(self.VALUE, Scheme(name="uint8", levels=11, ranges="min-max"), axes=())
        assert (weight.codes.max(), weight.codes.dtype.name) == (10, "uint8")


class TestGains:
    """In the values that ranges are chosen for, and the near miss: where there is nothing to gain nothing changes."""

    @pytest.mark.parametrize(("shape", "decibel"), [((300, 40), 1.0), ((70_000, 3), 4.0)])
    def test_a_bell_is_cut_off_in_four_bits(self, shape: tuple[int, int], decibel: float) -> None:
        value = np.random.default_rng(3).laplace(size=shape).astype(np.float32)
        chosen, whole = (quantize_weight(value, each, axes=(1,)) for each in (least_error("int4"), minmax("int4")))
        gain = 10 * np.log10(np.square(off(whole, value)).sum() / np.square(off(chosen, value)).sum())
        assert gain > decibel

    def test_each_scheme_has_the_ranges_that_are_best_for_it(self) -> None:
        """Unless it is told others; what is cut off in few bits is what a net's outputs rest on."""
        value = np.random.default_rng(6).laplace(size=(300, 40)).astype(np.float32)
        for name in ("uint8", "uint8-per-channel", "int6", "int4"):
            best = BEST_RANGES[name]
            other: Ranges = "min-max" if best == "least-error" else "least-error"
            mine, same, without = (
                quantize_weight(value, Scheme(name=name, ranges=each), axes=(1,)).scale for each in (None, best, other)
            )
            np.testing.assert_array_equal(mine, same)
            assert (without > mine).any() if best == "least-error" else (without < mine).any()

    def test_an_even_spread_is_left_whole(self) -> None:
        value = np.linspace(-1, 1, 4096, dtype=np.float32).reshape(64, 64)
        chosen, whole = (quantize_weight(value, each, axes=()) for each in (least_error("uint8"), minmax("uint8")))
        assert np.square(off(chosen, value)).sum() > 0.97 * np.square(off(whole, value)).sum()

    def test_codes_of_ones_own_keep_the_scales(self) -> None:
        value = np.random.default_rng(4).normal(size=(32, 6)).astype(np.float32)
        weight = quantize_weight(value, Scheme(name="int4", group=16), axes=(1,))
        again = with_codes(weight, weight.codes.reshape(32, 6))
        np.testing.assert_array_equal(again.values(), weight.values())
        with pytest.raises(ValueError, match=r"uint8 and \(32, 6\) are wanted"):
            with_codes(weight, weight.codes)

    def test_float16_has_values_but_no_codes(self) -> None:
        value = np.array([1.0, 1e9, -1e9, 1 / 3], np.float32)
        assert stored_values(value, Scheme(name="float16"), axes=()).tolist() == [1, 65504, -65504, np.float16(1 / 3)]
        with pytest.raises(ValueError, match="float16 has no codes"):
            quantize_weight(value, Scheme(name="float16"), axes=())


@pytest.mark.parametrize("ranges", ["min-max", "least-error"])
@pytest.mark.parametrize("axes", [(), (1,), (0,)])
def test_beside_the_codes_little_memory_is_needed(ranges: Any, axes: tuple[int, ...]) -> None:
    value = np.random.default_rng(5).normal(size=(1500, 1600)).astype(np.float32)
    tracemalloc.start()
    quantize_weight(value, Scheme(name="uint8-per-channel", ranges=ranges), axes=axes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - value.size < 8 << 20
