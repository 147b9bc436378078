from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op


@st.composite
def examples(draw: st.DrawFn) -> Example:
    rows, inner, columns, count = (draw(st.integers(1, 5)) for _ in range(4))
    adjoint_a, adjoint_b = draw(st.booleans()), draw(st.booleans())
    shape = (inner, rows) if adjoint_a else (rows, inner)
    places = [[draw(st.integers(0, n - 1)) for n in shape] for _ in range(count)]
    y = floats(*((columns, inner) if adjoint_b else (inner, columns)))
    indices = np.array(places, draw(st.sampled_from([np.int32, np.int64])))
    constant = [2] if draw(st.booleans()) else []
    unknown = {0: [0], 1: [0]} if not constant or draw(st.booleans()) else {}
    return one_op(
        "SparseTensorDenseMatMul",
        indices,
        floats(count),
        np.array(shape, np.int64),
        y,
        constant=constant,
        unknown=unknown,
        adjoint_a=adjoint_a,
        adjoint_b=adjoint_b,
    )


EXAMPLES = examples()
PLACES = np.array([[0, 1], [2, 0], [2, 1], [0, 1]], np.int64)  # one of them twice, a row without any
CORNERS = (
    one_op("SparseTensorDenseMatMul", PLACES, floats(4), np.array([3, 2]), floats(2, 5), constant=[2]),
    one_op(
        "SparseTensorDenseMatMul",
        PLACES,
        floats(4),
        np.array([3, 2]),
        floats(2, 5),
        constant=[0, 1, 2],
        unknown={3: [1]},
    ),
)


@FEW
@given(EXAMPLES)
def test_it_gathers_and_scatters(example: Example) -> None:
    assert_right_in_tensorflow(example, "sparse_matmul")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "sparse_matmul")
