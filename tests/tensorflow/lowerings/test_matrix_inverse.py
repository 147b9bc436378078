from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused

from tfjsci.graph.graph import Array


def solvable(*shape: int, seed: int = 0) -> Array:
    """Matrices whose largest elements aren't on the diagonal: without pivots they couldn't be inverted well."""
    n = shape[-1]
    order = np.random.default_rng([seed, n]).permutation(n)
    return floats(*shape, seed=seed, low=-1, high=1) + 3 * np.eye(n, dtype=np.float32)[order]


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    n, columns = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    x = solvable(*batch, n, n, seed=draw(st.integers(0, 99)))
    adjoint = draw(st.booleans())
    unknown = {0: [0], 1: [0]} if batch and draw(st.booleans()) else {}
    # What rounding does, the conditions of these matrices (below 100) multiply.
    if draw(st.booleans()):
        return one_op("MatrixInverse", x, adjoint=adjoint, unknown=unknown, tolerance=1e-4, gpu_tolerance=1e-3)
    b = floats(*batch, n, columns)
    return one_op("MatrixSolve", x, b, adjoint=adjoint, unknown=unknown, tolerance=1e-4, gpu_tolerance=1e-3)


EXAMPLES = examples()
ZERO_DIAGONAL = np.array([[[0, 1, 2], [1, 0, 3], [4, -3, 0]], [[0, 0, 1], [0, 1, 0], [1, 0, 0]]], np.float32)
CORNERS = (
    one_op("MatrixInverse", ZERO_DIAGONAL, unknown={0: [0]}, tolerance=1e-4, gpu_tolerance=1e-3),
    one_op("MatrixInverse", solvable(16, 16), tolerance=1e-4, gpu_tolerance=1e-3),
    one_op("MatrixInverse", np.array([[2]], np.float32)),
    one_op("MatrixSolve", ZERO_DIAGONAL, floats(2, 3, 2), adjoint=True, tolerance=1e-4, gpu_tolerance=1e-3),
    one_op("MatrixSolve", solvable(4, 4), floats(4, 1), constant=[0], tolerance=1e-4, gpu_tolerance=1e-3),
)


@FEW
@given(EXAMPLES)
def test_it_is_eliminated(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_inverse")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_inverse")


def test_declines_large_matrices() -> None:
    assert "MatrixInverse" in refused(one_op("MatrixInverse", solvable(17, 17)))
    assert "MatrixInverse" in refused(one_op("MatrixInverse", solvable(3, 3), unknown={0: [0, 1]}))
