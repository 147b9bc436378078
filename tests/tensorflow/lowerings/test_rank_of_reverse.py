from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import DTYPES, axes_of, high_shapes, unknowns, values

NAME = "rank_of_reverse"


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(5, 7, numbers=96).filter(lambda s: s[0] > 1))
    axes = draw(axes_of(len(shape)))
    x = values(shape, draw(st.sampled_from(DTYPES)))
    return one_op("ReverseV2", x, np.array(axes, np.int32), constant=[1], unknown={0: draw(unknowns(len(shape)))})


EXAMPLES = examples()
FIVE = (2, 2, 1, 3, 2)
CORNERS = (
    one_op("ReverseV2", floats(*FIVE), np.array([3], np.int32), constant=[1], unknown={0: [0]}),
    one_op("ReverseV2", floats(*FIVE), np.array([0, 1, 2, 3, 4], np.int32), constant=[1]),
    one_op("ReverseV2", floats(*FIVE), np.array([0, -2], np.int64), constant=[1], unknown={0: [0, 1]}),
    one_op("ReverseV2", floats(2, 2, 2, 2, 2, 2), np.array([1, 3, 5], np.int32), constant=[1]),
    one_op("ReverseV2", floats(*FIVE), np.array([], np.int32), constant=[1]),
    one_op("Reverse", floats(*FIVE), np.array([True, False, False, False, True]), constant=[1]),
    one_op("ReverseV2", values(FIVE, "int32"), np.array([1, 4], np.int32), constant=[1]),
    one_op("ReverseV2", values(FIVE, "bool"), np.array([1, 4], np.int32), constant=[1]),
)


@FEW
@given(EXAMPLES)
def test_neighbours_are_reversed_at_once(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_four_dimensions_alone() -> None:
    assert lowered_by(one_op("ReverseV2", floats(*FIVE[1:]), np.array([1], np.int32), constant=[1])) == []


def test_declines_axes_of_the_run() -> None:
    assert "4 dimensions" in refused(one_op("ReverseV2", floats(*FIVE), np.array([1], np.int32)))
