from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    n = draw(st.integers(1, 6))
    order = draw(st.permutations(range(n)))
    x = floats(*batch, n, n, seed=draw(st.integers(0, 99)), low=-1, high=1) + 2 * np.eye(n, dtype=np.float32)[order]
    unknown = {0: [0]} if batch and draw(st.booleans()) else {}
    # What rounding does, the conditions of these matrices multiply.
    if draw(st.booleans()):
        return one_op("MatrixDeterminant", x, unknown=unknown, tolerance=1e-4, gpu_tolerance=1e-3)
    return one_op("LogMatrixDeterminant", x, outputs=2, unknown=unknown, scale=1, tolerance=1e-4, gpu_tolerance=1e-3)


EXAMPLES = examples()
SINGULAR = np.array([[[1, 2], [2, 4]], [[0, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 3], [0, 4]]], np.float32)
CORNERS = (
    one_op("MatrixDeterminant", SINGULAR, unknown={0: [0]}),
    one_op("MatrixDeterminant", floats(16, 16, low=-1, high=1), tolerance=1e-4, gpu_tolerance=1e-3),
    one_op("MatrixDeterminant", np.array([[-3]], np.float32)),
    one_op("LogMatrixDeterminant", SINGULAR[2:3], outputs=2, scale=1, gpu_tolerance=1e-3),
    one_op("LogMatrixDeterminant", floats(2, 1, 5, 5), outputs=2, unknown={0: [0]}, tolerance=1e-4, gpu_tolerance=1e-3),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_product_of_the_pivots(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_determinant")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_determinant")


def test_declines_large_matrices() -> None:
    assert "MatrixDeterminant" in refused(one_op("MatrixDeterminant", floats(17, 17)))
