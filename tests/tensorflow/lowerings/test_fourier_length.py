from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes, in_parts
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused


def forward(x: object, length: int, **options: object) -> Example:
    return in_parts(one_op("RFFT", x, np.int32([length]), constant=[1], **options))


def backward(x: object, length: int, **options: object) -> Example:
    return complex_op("IRFFT", x, np.int32([length]), constant=[1], Treal="float32", **options)


EXAMPLES = st.one_of(
    st.builds(
        lambda more, length, seed: forward(floats(2, length + more, seed=seed), length),
        st.integers(1, 6),
        st.integers(1, 12),
        st.integers(0, 99),
    ),
    st.builds(
        lambda more, length, seed: backward(complexes(2, length // 2 + 1 + more, seed=seed), length),
        st.integers(1, 6),
        st.integers(1, 16),
        st.integers(0, 99),
    ),
)
CORNERS = (
    forward(floats(2, 8), 6),
    forward(floats(2, 3, 9), 8, unknown={0: [0]}),
    backward(complexes(2, 5), 6),
    backward(complexes(2, 5), 5),
    backward(complexes(2, 5), 6, backends=("webgl", "webgpu", "cpu")),
    forward(floats(2, 8), 6, backends=("webgl", "webgpu", "cpu")),
)


@FEW
@given(EXAMPLES)
def test_cut_first(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_length")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_length")


def test_a_size_of_the_run() -> None:
    example = forward(floats(2, 9), 8, unknown={0: [1]})
    assert_right_in_tensorflow(example, "fourier_length")


def test_leaves_alone_what_fits() -> None:
    others = ("webgl", "webgpu", "cpu")
    assert lowered_by(forward(floats(2, 8), 8, backends=others)) == []
    assert lowered_by(backward(complexes(2, 5), 8, backends=others)) == []


def test_declines_a_length_of_the_run() -> None:
    assert "no kernel" in refused(in_parts(one_op("RFFT", floats(2, 8), np.int32([6]))))
