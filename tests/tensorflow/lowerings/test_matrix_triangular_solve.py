from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused

from tfjsci.graph.graph import Array


def matrices(*shape: int, seed: int = 0) -> Array:
    """Both triangles are there: the other one must not be read."""
    return floats(*shape, seed=seed, low=-1, high=1) + 2 * np.eye(shape[-1], dtype=np.float32)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    n = draw(st.integers(1, 6))
    x, b = matrices(*batch, n, n, seed=draw(st.integers(0, 99))), floats(*batch, n, draw(st.integers(1, 3)))
    unknown = {0: [0], 1: [0]} if batch and draw(st.booleans()) else {}
    flags = {"lower": draw(st.booleans()), "adjoint": draw(st.booleans())}
    # What rounding does, the conditions of these matrices multiply.
    return one_op("MatrixTriangularSolve", x, b, unknown=unknown, tolerance=1e-4, gpu_tolerance=1e-3, **flags)


EXAMPLES = examples()
OTHER_TRIANGLE = np.where(np.triu(np.ones((3, 3)), 1), np.nan, matrices(3, 3)).astype(np.float32)
CORNERS = (
    one_op("MatrixTriangularSolve", matrices(2, 3, 3), floats(2, 3, 2), unknown={0: [0], 1: [0, 2]}),
    one_op("MatrixTriangularSolve", matrices(3, 3), floats(3, 1), lower=False),
    one_op("MatrixTriangularSolve", matrices(3, 3), floats(3, 1), adjoint=True),
    one_op("MatrixTriangularSolve", OTHER_TRIANGLE, floats(3, 2)),
    one_op("MatrixTriangularSolve", OTHER_TRIANGLE, floats(3, 2), adjoint=True),
    one_op("MatrixTriangularSolve", matrices(16, 16), floats(16, 1), tolerance=1e-4, gpu_tolerance=1e-3),
)


@FEW
@given(EXAMPLES)
def test_it_is_substituted(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_triangular_solve")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_triangular_solve")


def test_declines_what_is_spread_and_what_is_large() -> None:
    assert "MatrixTriangularSolve" in refused(one_op("MatrixTriangularSolve", matrices(3, 3), floats(2, 3, 1)))
    assert "MatrixTriangularSolve" in refused(one_op("MatrixTriangularSolve", matrices(17, 17), floats(17, 1)))
