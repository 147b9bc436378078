from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes, in_parts
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused


def transform(
    op: str, sizes: tuple[int, ...], lengths: tuple[int, ...] = (), seed: int = 0, **options: object
) -> Example:
    """``sizes`` are those of the input."""
    if op.startswith("RFFT"):
        return in_parts(one_op(op, floats(*sizes, seed=seed), np.int32(lengths), constant=[1], **options))
    if op.startswith("IRFFT"):
        return complex_op(op, complexes(*sizes, seed=seed), np.int32(lengths), constant=[1], Treal="float32", **options)
    return complex_op(op, complexes(*sizes, seed=seed), **options)


def fitting(op: str, lengths: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes that are no less than ``lengths`` ask for."""
    count = int(op[-2])
    wanted = [*lengths[:count]]
    if op.startswith("I"):
        wanted[-1] = wanted[-1] // 2 + 1
    return (2, *(n + extra for n, extra in zip(wanted, more, strict=False)))


EXAMPLES = st.one_of(
    st.builds(
        lambda op, sizes, seed: transform(op, sizes[: int(op[-2]) + 1], seed=seed),
        st.sampled_from(["FFT2D", "IFFT2D", "FFT3D", "IFFT3D"]),
        st.tuples(*[st.integers(1, 5)] * 4),
        st.integers(0, 99),
    ),
    st.builds(
        lambda op, more, lengths, seed: transform(op, fitting(op, lengths, more), lengths[: int(op[-2])], seed=seed),
        st.sampled_from(["RFFT2D", "IRFFT2D", "RFFT3D", "IRFFT3D"]),
        st.tuples(*[st.integers(0, 2)] * 3),
        st.tuples(*[st.integers(1, 6)] * 3),
        st.integers(0, 99),
    ),
)
CORNERS = (
    transform("FFT2D", (2, 4, 6), unknown={0: [0]}),
    transform("IFFT2D", (4, 6)),
    transform("FFT3D", (2, 3, 4)),
    transform("RFFT2D", (2, 4, 6), (4, 6), unknown={0: [0]}),
    transform("RFFT2D", (5, 6), (4, 5)),
    transform("IRFFT2D", (4, 4), (4, 6)),
    transform("IRFFT2D", (2, 4, 5), (3, 7)),
    transform("IRFFT3D", (2, 3, 4), (2, 3, 6)),
    transform("FFT2D", (2, 4, 6), backends=("webgl", "webgpu", "cpu")),
    transform("IRFFT2D", (2, 4, 4), (3, 4), backends=("webgl", "webgpu", "cpu")),
)


@FEW
@given(EXAMPLES)
def test_one_dimension_after_the_other(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_dimensions")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_dimensions")


def test_declines_lengths_of_the_run() -> None:
    assert "no such op" in refused(in_parts(one_op("RFFT2D", floats(4, 6), np.int32([4, 6]))))
