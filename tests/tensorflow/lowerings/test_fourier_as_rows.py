from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes, in_parts
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op

from tfjsci.dtypes import Backend

OTHERS: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
"""wasm has no transform."""


def transform(op: str, *sizes: int, seed: int = 0, **options: object) -> Example:
    """``sizes`` are those of the input."""
    options = {"backends": OTHERS, **options}
    if op == "RFFT":
        return in_parts(one_op(op, floats(*sizes, seed=seed), np.int32([sizes[-1]]), constant=[1], **options))
    if op == "IRFFT":
        length = np.int32([2 * sizes[-1] - 2])
        return complex_op(op, complexes(*sizes, seed=seed), length, constant=[1], Treal="float32", **options)
    return complex_op(op, complexes(*sizes, seed=seed), **options)


EXAMPLES = st.builds(
    lambda op, around, n, seed: transform(op, *around, n, seed=seed),
    st.sampled_from(["FFT", "IFFT", "RFFT", "IRFFT"]),
    st.one_of(st.just([]), st.lists(st.integers(1, 3), min_size=3, max_size=4)),
    st.integers(2, 9),
    st.integers(0, 99),
)
CORNERS = (
    transform("RFFT", 2, 3, 8, backends=("webgl", "webgpu"), unknown={0: [0, 1]}),
    transform("FFT", 2, 3, 8, backends=("webgl", "webgpu"), unknown={0: [0]}),
    transform("IFFT", 8, backends=("webgl", "webgpu")),
    transform("IRFFT", 5),
    transform("IRFFT", 2, 2, 2, 5, unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_rows_are_transformed(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_as_rows")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_as_rows")


def test_leaves_alone_what_works() -> None:
    assert lowered_by(transform("RFFT", 2, 8)) == []
    assert lowered_by(transform("IRFFT", 2, 3, 5)) == []
    assert lowered_by(transform("FFT", 2, 3, 8, backends=("cpu",))) == []


def test_wasm_takes_matrices() -> None:
    assert lowered_by(transform("RFFT", 2, 3, 8, backends=("webgl", "wasm")))[0] == "fourier_matrices"
