from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda shape, seed, dtype, keep: one_op(
        "Mean",
        ints(*shape, seed=seed, low=-99, high=99).astype(dtype),
        np.int32([seed % len(shape)]),
        constant=[1],
        keep_dims=keep,
    ),
    shapes(1, 5),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64"]),
    st.booleans(),
)
CORNERS = (
    one_op("Mean", np.int32([[1, 2], [-1, -2], [5, 0]]), np.int32([1]), constant=[1]),
    one_op("Mean", np.int32([[1, 2], [-1, -2], [5, 0]]), np.int32([0, 1]), constant=[1]),
    one_op("Mean", ints(2, 3, 4), np.int32([-1, 0]), constant=[1], keep_dims=True),
    one_op("Mean", ints(2, 3), np.int32([0]), constant=[1], unknown={0: [0]}),
    one_op("Mean", ints(2, 3), np.int32(1), constant=[1], unknown={0: [0]}),
    one_op("Mean", ints(2, 3), np.zeros(0, np.int32), constant=[1]),
)


@FEW
@given(EXAMPLES)
def test_the_fraction_is_cut_off(example: Example) -> None:
    assert_right_in_tensorflow(example, "mean_of_integers")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "mean_of_integers")


def test_leaves_floats_alone() -> None:
    assert lowered_by(one_op("Mean", floats(2, 3), np.int32([1]), constant=[1])) == []


def test_declines_narrow_integers() -> None:
    assert "not truncated" in refused(one_op("Mean", np.uint8([[250, 250, 4]]), np.int32([1]), constant=[1]))


def test_declines_axes_of_the_run() -> None:
    assert "not truncated" in refused(one_op("Mean", ints(2, 3), np.int32([1])))
