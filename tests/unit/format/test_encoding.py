"""Weights as bytes: what the runtime reads back is what was meant, to half a step."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfjsci.format.encoding import (
    FLOAT16_MAX,
    Encoded,
    NotEncodableError,
    encode,
    encode_codes,
    encode_float16,
    storable,
)


def as_runtime(encoded: Encoded) -> Any:
    """tfjs-core's decodeWeight for a float16."""
    return np.frombuffer(encoded.data, "<f2").astype(np.float32).reshape(encoded.entry["shape"])


class TestCodes:
    def test_the_entry_is_the_formats(self) -> None:
        codes = np.array([0, 255], np.uint8)
        assert encode_codes(codes, scale=0.5, minimum=-1.0, shape=(1, 2)) == Encoded(
            data=b"\x00\xff",
            entry={
                "shape": [1, 2],
                "dtype": "float32",
                "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0, "original_dtype": "float32"},
            },
            stored_dtype="uint8",
        )

    def test_two_bytes_are_little_endian(self) -> None:
        codes = np.array([0, 256, 65535], np.uint16)
        assert encode_codes(codes, scale=1.0, minimum=0.0, shape=(3,)).data == b"\x00\x00\x00\x01\xff\xff"

    def test_of_one_weight_alone(self) -> None:
        assert encode_codes(np.array(7, np.uint8), scale=1.0, minimum=0.0, shape=()).data == b"\x07"


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
        assert as_runtime(encode_float16(value)).tolist() == [-np.inf, np.inf, FLOAT16_MAX]

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
        assert encode(value, "float16") == encode(value)

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
