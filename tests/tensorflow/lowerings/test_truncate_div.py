from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

from tfjsci.graph.graph import Array


def nonzero(*shape: int, seed: int = 0) -> Array:
    found = ints(*shape, seed=seed, low=-20, high=20)
    return np.where(found == 0, np.int32(7), found)


EXAMPLES = st.builds(
    lambda op, shape, seed, dtype, constant: one_op(
        op,
        ints(*shape, seed=seed, low=-500, high=500).astype(dtype),
        nonzero(*shape[1:], seed=seed).astype(dtype),
        constant=[1] if constant else [],
    ),
    st.sampled_from(["Div", "TruncateDiv"]),
    shapes(1, 4),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64"]),
    st.booleans(),
)
CORNERS = (
    one_op("TruncateDiv", np.int32([7, -7, 7, -7, 6, -6]), np.int32([2, 2, -2, -2, 3, 3])),
    one_op("Div", np.int32([7, -7, 0]), np.int32(2), constant=[1]),
    one_op("Div", np.int32([7, -7, 0]), np.int32([-2, 3, 5]), constant=[1]),
    one_op("Div", np.int32(100), ints(2, 3, low=1), constant=[0]),
    one_op("TruncateDiv", np.uint8([200, 7]), np.uint8([3, 255])),
    one_op("Div", ints(2, 3), np.int32([[2], [-3]]), unknown={0: [0]}),
    one_op("TruncateDiv", ints(0, 3), np.int32(2)),
)


@FEW
@given(EXAMPLES)
def test_it_rounds_towards_0(example: Example) -> None:
    assert_right_in_tensorflow(example, "truncate_div")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "truncate_div")


def test_leaves_floats_alone() -> None:
    assert lowered_by(one_op("Div", floats(3), floats(3, seed=1))) == []
    assert lowered_by(one_op("FloorDiv", ints(3), np.int32(2))) == []


def test_declines_floats() -> None:
    assert "no such op" in refused(one_op("TruncateDiv", floats(3), floats(3, seed=1)))
