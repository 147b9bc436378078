"""Where numbers aren't 0, by their whole bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "where_numbers"


def found(x: Array, *, unknown: tuple[int, ...] = ()) -> Example:
    return one_op("Where", x, unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    x = ints(*shape, low=0, high=3) * draw(st.sampled_from([1, 256, 0.25]))
    dtype = draw(st.sampled_from(["int32", "int64", "float32"]))
    return found(x.astype(dtype), unknown=draw(st.sampled_from([(), (0,)])))


EXAMPLES = examples()
CORNERS = (
    found(np.array([[0, 256], [512, 0]], np.int32)),
    found(np.array([0.25, 0, -0.5, np.nan], np.float32), unknown=(0,)),
    found(np.zeros((2, 2), np.float32)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_bools_alone() -> None:
    assert lowered_by(one_op("Where", ints(3) > 0)) == []
