"""Arrays to the page and back: what fits travels exactly, what doesn't is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfjsci.browser.tensors import decode_outputs, encode_inputs
from tfjsci.errors import BadInputs, BrowserJobFailed


def sent(array: np.ndarray[Any, Any]) -> tuple[dict[str, Any], list[bytes]]:
    bodies: list[bytes] = []
    return encode_inputs({"x": array}, "/in", bodies)["x"], bodies


@pytest.mark.parametrize(
    ("array", "dtype", "values"),
    [
        (np.array([1.5], np.float32), "float32", np.array([1.5], "<f4")),
        (np.array([1.5], ">f4"), "float32", np.array([1.5], "<f4")),
        (np.array([1.5]), "float32", np.array([1.5], "<f4")),
        (np.array([1.5], np.float16), "float32", np.array([1.5], "<f4")),
        (np.array([np.inf, -np.inf]), "float32", np.array([np.inf, -np.inf], "<f4")),
        (np.array([7], np.int32), "int32", np.array([7], "<i4")),
        (np.array([2**31 - 1, -(2**31)], np.int64), "int32", np.array([2**31 - 1, -(2**31)], "<i4")),
        (np.array([255], np.uint8), "int32", np.array([255], "<i4")),
        (np.array([], np.uint64), "int32", np.array([], "<i4")),
        (np.array([True, False]), "bool", np.array([1, 0], "u1")),
        (np.array([[1 + 2j], [complex(0, -3)]]), "complex64", np.array([1, 2, 0, -3], "<f4")),
    ],
)
def test_numbers_travel_in_the_runtimes_dtype(array: Any, dtype: str, values: Any) -> None:
    described, bodies = sent(array)
    assert described == {"dtype": dtype, "shape": list(array.shape), "data": "/in/0"}
    assert bodies == [values.tobytes()]


@pytest.mark.parametrize("array", [np.array([2**31]), np.array([-(2**31) - 1]), np.array([2**32 - 1], np.uint32)])
def test_an_integer_beyond_int32_is_refused(array: Any) -> None:
    with pytest.raises(BadInputs, match=r"input 'x' \(u?int\d+\) holds -?\d+, outside of int32"):
        sent(array)


def test_a_double_beyond_float32_is_refused() -> None:
    with pytest.raises(BadInputs, match=r"too large for float32"):
        sent(np.array([1e39]))
    with pytest.raises(BadInputs, match=r"too large for complex64"):
        sent(np.array([1e39j]))


@pytest.mark.parametrize(
    "array", [np.array(["ü", "b"]), np.array(["ü".encode(), b"b"]), np.array(["ü", "b"], dtype=object)]
)
def test_strings_stay_in_the_description(array: Any) -> None:
    assert sent(array) == ({"dtype": "string", "shape": [2], "strings": ["ü", "b"]}, [])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([b"\xff"]), "not UTF-8"),
        (np.array(["a", 1], dtype=object), "one of them int, not only strings"),
        (np.array(["2020-01-01"], "datetime64[D]"), r"datetime64\[D\], which"),
    ],
)
def test_what_the_runtime_has_not_is_refused(array: Any, message: str) -> None:
    with pytest.raises(BadInputs, match=message):
        sent(array)


def test_outputs_are_cut_from_the_body_in_order() -> None:
    body = np.array([1.5, 2.5], "<f4").tobytes() + np.array([1, 0], "u1").tobytes() + np.array([-3], "<i4").tobytes()
    outputs = decode_outputs(
        [
            {"name": "a", "dtype": "float32", "shape": [2, 1], "bytes": 8},
            {"name": "words", "dtype": "string", "shape": [1, 2], "strings": ["x", "y"]},
            {"name": "b", "dtype": "bool", "shape": [2], "bytes": 2},
            {"name": "c", "dtype": "int32", "shape": [], "bytes": 4},
        ],
        body,
    )
    assert list(outputs) == ["a", "words", "b", "c"]
    assert {name: (array.dtype.name, array.tolist()) for name, array in outputs.items()} == {
        "a": ("float32", [[1.5], [2.5]]),
        "words": ("object", [["x", "y"]]),
        "b": ("bool", [True, False]),
        "c": ("int32", -3),
    }


@pytest.mark.parametrize(
    ("described", "body"),
    [
        ([{"name": "a", "dtype": "float32", "shape": [2], "bytes": 8}], b"\0" * 4),
        ([{"name": "a", "dtype": "float32", "shape": [1], "bytes": 4}], b"\0" * 8),
        ([{"name": "a", "dtype": "float64", "shape": [1], "bytes": 8}], b"\0" * 8),
        ([{"name": "a", "shape": [1], "bytes": 8}], b"\0" * 8),
    ],
)
def test_outputs_that_do_not_add_up_are_refused(described: Any, body: bytes) -> None:
    with pytest.raises(BrowserJobFailed):
        decode_outputs(described, body)
