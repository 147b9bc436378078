from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

NAME = "product_kept"
EXAMPLES = st.builds(
    lambda shape, seed, is_open: one_op(
        "Prod",
        floats(*shape, seed=seed),
        np.int32([seed % len(shape)]),
        constant=[1],
        keep_dims=True,
        unknown={0: [0]} if is_open else {},
    ),
    shapes(1, 5),
    st.integers(0, 99),
    st.booleans(),
)
CORNERS = (
    one_op("Prod", floats(2, 3, 4), np.int32([-1]), constant=[1], keep_dims=True, unknown={0: [0]}),
    one_op("Prod", floats(2, 3, 4), np.int32([2, 0]), constant=[1], keep_dims=True, unknown={0: [1]}),
    one_op("Prod", ints(2, 3), np.int32([1]), constant=[1], keep_dims=True, unknown={0: [0]}),
    one_op("Prod", floats(2, 3), np.int32(0), constant=[1], keep_dims=True),
)


@FEW
@given(EXAMPLES)
def test_the_dimensions_are_there(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_others_alone() -> None:
    assert lowered_by(one_op("Prod", floats(2, 3), np.int32([1]), constant=[1])) == []
    assert lowered_by(one_op("Sum", floats(2, 3), np.int32([1]), constant=[1], keep_dims=True)) == []


def test_leaves_alone_what_is_never_handed_to_the_cpu() -> None:
    assert lowered_by(one_op("Prod", floats(40, 25), np.int32([1]), constant=[1], keep_dims=True)) == []
    assert lowered_by(one_op("Prod", floats(37, 27), np.int32([1]), constant=[1], keep_dims=True)) == [NAME]


def test_declines_axes_of_the_run() -> None:
    assert "dimensions that are to be kept" in refused(one_op("Prod", floats(2, 3), np.int32([1]), keep_dims=True))
