from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed, dtype: one_op("Cast", ints(*shape, seed=seed, low=-2, high=3).astype(dtype) * 128, DstT="bool"),
    shapes(0, 5),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "float32", "float16"]),
)
CORNERS = (
    one_op("Cast", np.float32([0, -0.0, 0.5, -0.3, 1e-30, np.nan, np.inf]), DstT="bool"),
    one_op("Cast", np.int32([0, 1, -1, 256, 1 << 20]), DstT="bool"),
    one_op("Cast", np.uint8([0, 1, 255]), DstT="bool"),
    one_op("Cast", floats(2, 3), unknown={0: [0]}, DstT="bool"),
    one_op("Cast", floats(0, 3), DstT="bool"),
)


@FEW
@given(EXAMPLES)
def test_all_but_0_is_true(example: Example) -> None:
    assert_right_in_tensorflow(example, "cast_to_bool")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "cast_to_bool")


def test_leaves_other_casts_alone() -> None:
    assert lowered_by(one_op("Cast", floats(3), DstT="int32")) == []
    assert lowered_by(one_op("Cast", ints(3), DstT="float32")) == []
    assert lowered_by(one_op("Cast", floats(3), DstT="bool", backends=["webgl", "webgpu", "cpu"])) == []
