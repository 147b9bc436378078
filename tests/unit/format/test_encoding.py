"""Weights as bytes: what the runtime reads back is what was meant, to half a step."""

from __future__ import annotations

import struct
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfjsci.format.encoding import FLOAT16_MAX, FLOAT32_MAX, Encoded, NotEncodableError, affine, encode, storable

AFFINE: tuple[Literal["uint8", "uint16"], ...] = ("uint8", "uint16")
LARGEST = float(np.finfo(np.float32).max)
ARRAYS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=3, max_side=5),
    elements=st.floats(-LARGEST, LARGEST, width=32) | st.floats(-10, 10, width=32),
)


def as_runtime(encoded: Encoded) -> Any:
    """tfjs-core's decodeWeight for a quantised float32, written down again: double, then float32."""
    how = encoded.entry["quantization"]
    stored = np.frombuffer(encoded.data, {"uint8": "u1", "uint16": "<u2", "float16": "<f2"}[how["dtype"]])
    wide = stored.astype(np.float64)
    if how["dtype"] != "float16":
        wide = wide * how["scale"] + how["min"]
    return wide.astype(np.float32).reshape(encoded.entry["shape"])


class TestAffine:
    @given(ARRAYS, st.sampled_from(AFFINE))
    def test_no_value_is_off_by_more_than_half_a_step(self, value: Any, dtype: Literal["uint8", "uint16"]) -> None:
        encoded = encode(value, dtype)
        step = encoded.entry["quantization"]["scale"] if value.min() < value.max() else 0.0
        error = np.abs(as_runtime(encoded).astype(np.float64) - value)
        rounding = np.abs(value.astype(np.float64)) * 2.0**-23 + 1.5e-45  # of the result to float32
        at_the_end = np.abs(value.astype(np.float64)) + step > FLOAT32_MAX  # where the nearest step may be no float32
        assert (error <= step * np.where(at_the_end, 1, 0.5) * (1 + 1e-9) + rounding).all()

    def test_no_value_becomes_infinite(self) -> None:
        value = np.array([-2.7941433e38, 3.4027766e38], np.float32)
        assert np.isfinite(as_runtime(encode(value, "uint16"))).all()

    @given(ARRAYS, st.sampled_from(AFFINE))
    def test_the_range_is_at_most_one_step_wider_than_needed(
        self, value: Any, dtype: Literal["uint8", "uint16"]
    ) -> None:
        low, high = float(value.min()), float(value.max())
        assume(low < high)
        steps = np.iinfo(dtype).max
        scale, _ = affine(value.astype(np.float64), dtype)
        least = (high - low) / steps
        # an end within half a step of zero needs none, so the range may be narrower by one, too
        assert least * (1 - 1 / steps) <= scale <= least * steps / (steps - 1) * (1 + 1e-12)

    def test_a_short_side_does_not_make_the_steps_coarse(self) -> None:
        """Rounded to the nearest, zero would leave one step for the short side, half as long again as the others."""
        scale, _ = affine(np.array([-1.0, 0.0059]), "uint8")
        assert scale < 1.004 * 1.0059 / 255

    @given(ARRAYS, st.sampled_from(AFFINE))
    def test_zero_stays_exactly_zero(self, value: Any, dtype: Literal["uint8", "uint16"]) -> None:
        assume(value.min() <= 0 <= value.max())
        value = np.append(value.reshape(-1), np.float32(0))
        assert as_runtime(encode(value, dtype))[-1] == 0.0

    @given(ARRAYS, st.sampled_from(AFFINE))
    def test_both_ends_are_within_reach(self, value: Any, dtype: Literal["uint8", "uint16"]) -> None:
        low, high = float(value.min()), float(value.max())
        assume(low < high)
        scale, least = affine(value.astype(np.float64), dtype)
        slack = 1e-9 * scale * np.iinfo(dtype).max
        # zero is nudged by half a step at most, and an end that is nearer to it than that is reached by zero itself
        assert least - scale / 2 - slack <= low
        assert high <= least + np.iinfo(dtype).max * scale + scale / 2 + slack

    @given(st.floats(-LARGEST, LARGEST, width=32), st.sampled_from(AFFINE))
    def test_a_constant_weight_is_exact(self, number: float, dtype: Literal["uint8", "uint16"]) -> None:
        value = np.full((2, 3), number, np.float32)
        np.testing.assert_array_equal(as_runtime(encode(value, dtype)), value)

    def test_one_sided_ranges_begin_at_their_own_end(self) -> None:
        assert affine(np.array([1.0, 256.0]), "uint8") == (1.0, 1.0)
        assert affine(np.array([-256.0, -1.0]), "uint8") == (1.0, -256.0)
        assert affine(np.array([0.0, 255.0]), "uint8") == (1.0, 0.0)
        assert affine(np.array([-255.0, 0.0]), "uint8") == (1.0, -255.0)

    def test_a_symmetric_range_moves_by_half_a_step(self) -> None:
        scale, least = affine(np.array([-1.0, 1.0]), "uint8")
        assert scale == 1 / 127
        assert least == -1.0  # and the other end is one step beyond 1

    @pytest.mark.parametrize(("low", "high"), [(-1e-30, 1.0), (-1.0, 1e-30)])
    def test_an_end_next_to_zero_is_zero(self, low: float, high: float) -> None:
        value = np.array([low, high], np.float32)
        found = as_runtime(encode(value, "uint8"))
        assert found.tolist() == [0.0 if abs(x) < 1e-9 else x for x in (low, high)]

    def test_the_smallest_and_the_largest_floats_of_all(self) -> None:
        for value in (np.array([0, 1e-45], np.float32), np.array([-LARGEST, LARGEST], np.float32)):
            found = as_runtime(encode(value, "uint16"))
            assert np.isfinite(found).all()
            np.testing.assert_allclose(found, value, rtol=1e-4)

    def test_the_entry_is_the_formats(self) -> None:
        encoded = encode(np.array([[0.0, 2.0]], np.float32), "uint8")
        assert encoded == Encoded(
            data=b"\x00\xff",
            entry={
                "shape": [1, 2],
                "dtype": "float32",
                "quantization": {"dtype": "uint8", "scale": 2 / 255, "min": 0.0, "original_dtype": "float32"},
            },
            stored_dtype="uint8",
        )

    def test_two_bytes_are_little_endian(self) -> None:
        assert encode(np.array([0, 256, 65535], np.float32), "uint16").data == b"\x00\x00\x00\x01\xff\xff"


class TestFloat16:
    def test_what_it_can_hold_is_exact(self) -> None:
        value = np.array([0.5, -2.0, 65504.0, 0.0], np.float32)
        encoded = encode(value, "float16")
        assert as_runtime(encoded).tolist() == value.tolist()
        assert encoded.entry["quantization"] == {"dtype": "float16", "original_dtype": "float32"}
        assert (encoded.stored_dtype, len(encoded.data)) == ("float16", 8)

    def test_what_is_beyond_is_clamped_not_infinite(self) -> None:
        value = np.array([-1e9, 1e9, 65519.0], np.float32)
        assert as_runtime(encode(value, "float16")).tolist() == [-FLOAT16_MAX, FLOAT16_MAX, FLOAT16_MAX]

    @given(arrays.arrays(np.float32, 5, elements=st.floats(-60000, 60000, width=32)))
    def test_no_value_is_off_by_more_than_half_a_step(self, value: Any) -> None:
        found = as_runtime(encode(value, "float16"))
        assert (np.abs(found - value) <= np.maximum(np.abs(value) * 2.0**-11, 2.0**-25)).all()


class TestPlain:
    @pytest.mark.parametrize(
        ("value", "data"),
        [
            (np.array([1.5], np.float32), struct.pack("<f", 1.5)),
            (np.array([-2, 3], np.int32), struct.pack("<ii", -2, 3)),
            (np.array([True, False]), b"\x01\x00"),
            (np.array([1 + 2j], np.complex64), struct.pack("<ff", 1, 2)),
            (np.array(7, np.int32), struct.pack("<i", 7)),
            (np.zeros((0, 3), np.float32), b""),
            (np.array([1.5], ">f4"), struct.pack("<f", 1.5)),
            (np.asfortranarray(np.array([[1, 2], [3, 4]], np.int32)), struct.pack("<iiii", 1, 2, 3, 4)),
        ],
    )
    def test_bytes_are_little_endian_row_by_row(self, value: Any, data: bytes) -> None:
        encoded = encode(value)
        assert (encoded.data, encoded.entry) == (data, {"shape": list(value.shape), "dtype": value.dtype.name})
        assert encoded.stored_dtype == value.dtype.name

    @pytest.mark.parametrize("value", [np.array([1], np.int32), np.array([True]), np.zeros((0,), np.float32)])
    def test_what_is_not_float_or_is_empty_is_never_quantised(self, value: Any) -> None:
        assert encode(value, "uint8") == encode(value)

    def test_strings_carry_their_length(self) -> None:
        encoded = encode(np.array([[b"ab", "é"], [b"", b"\x00x\x00"]], dtype=object))
        assert encoded.data == b"\x02\0\0\0ab" + b"\x02\0\0\0\xc3\xa9" + b"\0\0\0\0" + b"\x03\0\0\0\x00x\x00"
        assert encoded.entry == {"shape": [2, 2], "dtype": "string"}

    def test_one_string_without_a_dimension(self) -> None:
        assert encode(np.array(b"a")).entry == {"shape": [], "dtype": "string"}
        assert encode(np.array("a", dtype=object)).data == b"\x01\0\0\0a"

    def test_no_strings_at_all(self) -> None:
        assert encode(np.empty((0,), dtype=object)).data == b""


class TestStorable:
    @pytest.mark.parametrize("dtype", ["float32", "int32", "bool", "complex64"])
    def test_what_the_runtime_has_is_left_as_it_is(self, dtype: str) -> None:
        value = np.ones(2, dtype)
        assert storable(value) is value

    @pytest.mark.parametrize(
        ("dtype", "wanted"),
        [
            ("float16", "float32"), ("float64", "float32"), ("complex128", "complex64"), ("int8", "int32"),
            ("uint8", "int32"), ("int16", "int32"), ("uint16", "int32"), ("uint32", "int32"), ("int64", "int32"),
            ("uint64", "int32"), (">f4", "float32"), (">i4", "int32"),
        ],
    )  # fmt: skip
    def test_the_rest_becomes_what_it_has(self, dtype: str, wanted: str) -> None:
        found = storable(np.array([0, 1, 100]).astype(dtype))
        assert (found.dtype.name, found.tolist()) == (wanted, [0, 1, 100])

    def test_bfloat16_becomes_float32(self) -> None:
        ml_dtypes = pytest.importorskip("ml_dtypes")
        assert storable(np.array([1.5], ml_dtypes.bfloat16)).tolist() == [1.5]

    @pytest.mark.parametrize("number", [2**31 - 1, -(2**31)])
    def test_the_ends_of_int32_fit(self, number: int) -> None:
        assert storable(np.array([number])).tolist() == [number]

    @pytest.mark.parametrize("number", [2**31, -(2**31) - 1])
    def test_what_is_beyond_is_refused_with_its_range(self, number: int) -> None:
        with pytest.raises(NotEncodableError, match=f"{min(number, 0)} … {max(number, 0)}, beyond int32"):
            storable(np.array([0, number]))

    def test_or_clipped_where_it_means_to_the_end(self) -> None:
        found = storable(np.array([2**63 - 1, -(2**63), 5]), saturate=True)
        assert (found.dtype.name, found.tolist()) == ("int32", [2**31 - 1, -(2**31), 5])

    @pytest.mark.parametrize("dtype", ["int8", "int16", "int64", "uint64"])
    def test_clipping_takes_any_integer_and_keeps_rank_0_an_array(self, dtype: str) -> None:
        found = storable(np.array(7, dtype), saturate=True)
        assert isinstance(found, np.ndarray)
        assert (found.dtype.name, found.item()) == ("int32", 7)

    def test_an_empty_int64_fits(self) -> None:
        assert storable(np.zeros((0,), np.int64)).dtype == np.int32

    def test_strings_stay_strings(self) -> None:
        value = np.array([b"a"], dtype=object)
        assert storable(value) is value

    def test_a_dtype_of_neither_is_refused(self) -> None:
        with pytest.raises(NotEncodableError, match="datetime64"):
            storable(np.array(["2020-01-01"], "datetime64[D]"))
