from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda op, shape, seed, dtype, constant: one_op(
        op,
        ints(*shape, seed=seed, low=-500, high=500).astype(dtype),
        np.where(ints(*shape[1:], seed=seed) < 0, -7, 3 + seed % 5).astype(dtype),
        constant=[1] if constant else [],
    ),
    st.sampled_from(["Mod", "TruncateMod"]),
    shapes(1, 4),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "float32"]),
    st.booleans(),
)
CORNERS = (
    one_op("TruncateMod", np.int32([7, -7, 7, -7, 6, -6]), np.int32([2, 2, -2, -2, 3, 3])),
    one_op("Mod", np.float32([5.5, -5.5, 5.5, -5.5, 0, 4]), np.float32([2, 2, -2, -2, 3, 0.5])),
    one_op("Mod", floats(2, 3), np.float32(0.75), constant=[1], unknown={0: [0]}),
    one_op("TruncateMod", np.int32(100), ints(2, 3, low=1), constant=[0]),
    one_op("TruncateMod", ints(0, 3), np.int32(2)),
)


@FEW
@given(EXAMPLES)
def test_it_takes_the_sign_of_the_dividend(example: Example) -> None:
    assert_right_in_tensorflow(example, "truncate_mod")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "truncate_mod")


def test_leaves_floor_mod_alone() -> None:
    assert lowered_by(one_op("FloorMod", ints(3), np.int32(2))) == []
