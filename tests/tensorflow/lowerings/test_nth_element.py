"""The n-th smallest or largest number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, shapes

NAME = "nth_element"


def nth(
    shape: tuple[int, ...], n: int, dtype: str = "float32", *, reverse: bool = False, unknown: tuple[int, ...] = ()
) -> Example:
    x = floats(*shape) if dtype == "float32" else ints(*shape)
    return one_op("NthElement", x, np.int32(n), constant=[1], unknown={0: unknown}, reverse=reverse)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 3))
    unknown = draw(st.sampled_from([(), (), (0,)])) if len(shape) > 1 else ()
    dtype, reverse = draw(st.sampled_from(["float32", "int32"])), draw(st.booleans())
    return nth(shape, draw(st.integers(0, shape[-1] - 1)), dtype, reverse=reverse, unknown=unknown)


EXAMPLES = examples()
CORNERS = (nth((2, 5), 0), nth((5,), 4, "int32"), nth((2, 3, 5), 2, reverse=True, unknown=(0,)), nth((3, 1), 0))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_declines_a_place_of_the_run() -> None:
    assert "NthElement" in refused(one_op("NthElement", floats(3), np.int32(1)))
