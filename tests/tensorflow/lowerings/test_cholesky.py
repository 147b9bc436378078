from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused

from tfjsci.graph.graph import Array


def positive(*shape: int, seed: int = 0) -> Array:
    x = floats(*shape, seed=seed, low=-1, high=1)
    return (x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])).astype(np.float32)


EXAMPLES = st.builds(
    lambda batch, n, seed, is_open: one_op(
        "Cholesky",
        positive(*batch, n, n, seed=seed),
        unknown={0: [0]} if batch and is_open else {},
        tolerance=1e-4,  # what rounding does, the conditions of these matrices multiply
        gpu_tolerance=1e-3,
    ),
    st.lists(st.integers(1, 3), max_size=2),
    st.integers(1, 6),
    st.integers(0, 99),
    st.booleans(),
)
LOWER_ONLY = np.where(np.triu(np.ones((3, 3)), 1), 7, positive(3, 3)).astype(np.float32)
CORNERS = (
    one_op("Cholesky", positive(2, 3, 3), unknown={0: [0]}),
    one_op("Cholesky", LOWER_ONLY),
    one_op("Cholesky", positive(16, 16), tolerance=1e-4, gpu_tolerance=1e-3),
    one_op("Cholesky", np.array([[4]], np.float32)),
)


@FEW
@given(EXAMPLES)
def test_it_goes_column_by_column(example: Example) -> None:
    assert_right_in_tensorflow(example, "cholesky")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "cholesky")


def test_declines_large_matrices() -> None:
    assert "Cholesky" in refused(one_op("Cholesky", positive(17, 17)))
