"""The best of one number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, shapes

NAME = "top_of_one"


def top(shape: tuple[int, ...], k: int = 1, dtype: str = "float32", *, unknown: tuple[int, ...] = ()) -> Example:
    x = floats(*shape) if dtype == "float32" else ints(*shape)
    return one_op("TopKV2", x, np.int32(k), constant=[1], unknown={0: unknown}, outputs=2, sorted=True)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    rows = draw(shapes(0, 2))
    unknown = draw(st.sampled_from([(), (0,)])) if rows else ()
    return top((*rows, 1), dtype=draw(st.sampled_from(["float32", "int32"])), unknown=unknown)


EXAMPLES = examples()
CORNERS = (top((3, 1)), top((2, 3, 1), dtype="int32", unknown=(0,)))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_a_number_of_the_run_stays() -> None:
    example = one_op("TopKV2", floats(3, 1), np.int32(1), outputs=2, sorted=True)
    assert "TopKV2" in refused(example)
