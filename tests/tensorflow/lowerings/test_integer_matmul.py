from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, refused


@st.composite
def examples(draw: st.DrawFn) -> Example:
    rows, inner, columns = (draw(st.integers(1, 5)) for _ in range(3))
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    op = draw(st.sampled_from(["BatchMatMul", "BatchMatMulV2"])) if batch else "MatMul"
    left, right = ("transpose_a", "transpose_b") if op == "MatMul" else ("adj_x", "adj_y")
    adjoint_x, adjoint_y = draw(st.booleans()), draw(st.booleans())
    dtype = draw(st.sampled_from([np.int32, np.int64]))
    x = ints(*batch, *((inner, rows) if adjoint_x else (rows, inner)), seed=draw(st.integers(0, 9))).astype(dtype)
    y = ints(*batch, *((columns, inner) if adjoint_y else (inner, columns)), low=-999, high=999).astype(dtype)
    constant = [1] if draw(st.booleans()) else []
    unknown = {0: [0]} if draw(st.booleans()) else {}
    return one_op(op, x, y, constant=constant, unknown=unknown, **{left: adjoint_x, right: adjoint_y})


EXAMPLES = examples()
CORNERS = (
    one_op("MatMul", ints(2, 3), ints(4, 3), transpose_b=True, unknown={0: [0]}),
    one_op("BatchMatMulV2", ints(2, 3, 4), ints(4, 5)),
    one_op("BatchMatMulV2", ints(2, 1, 3, 4), ints(2, 3, 4, 5)),
)


@FEW
@given(EXAMPLES)
def test_it_is_computed_in_floats(example: Example) -> None:
    assert_right_in_tensorflow(example, "integer_matmul")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "integer_matmul")


def test_stays_integer_where_wasm_is_not_wanted() -> None:
    assert lowered_by(one_op("MatMul", ints(2, 3), ints(3, 4), backends=("webgl", "webgpu", "cpu"))) == []


def test_declines_integers_that_float32_has_not() -> None:
    large = np.array([[(1 << 25) + 1], [1]], np.int32)
    assert "wasm multiplies float32 matrices only" in refused(one_op("MatMul", ints(2, 2), large, constant=[1]))
