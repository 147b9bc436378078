from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused

NAME = "reduce_nothing"
NUMBERS = ("Max", "Mean", "Min", "Prod", "Sum")


def reduced(
    op: str,
    shape: tuple[int, ...],
    *axes: int,
    dtype: Any = np.float32,
    keep: bool = False,
    unknown: tuple[int, ...] = (),
    constant: bool = True,
) -> Example:
    x = np.zeros(shape, np.bool_ if op in ("All", "Any") else dtype)
    given_axes = np.array(axes, np.int32)
    return one_op(op, x, given_axes, constant=[1] if constant else [], unknown={0: unknown}, keep_dims=keep)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = list(draw(st.tuples(*[st.integers(1, 3)] * draw(st.integers(1, 4)))))
    nothing = draw(st.integers(0, len(shape) - 1))
    shape[nothing] = 0
    axes = draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
    op = draw(st.sampled_from((*NUMBERS, "All", "Any")))
    open_ones = [axis for axis in range(len(shape)) if axis != nothing]
    unknown = draw(st.sampled_from([(), *((axis,) for axis in open_ones)]))
    return reduced(op, tuple(shape), *sorted(axes), keep=draw(st.booleans()), unknown=unknown)


EXAMPLES = examples()
CORNERS = (
    *(reduced(op, (2, 0), 1, unknown=(0,)) for op in (*NUMBERS, "All", "Any")),
    *(reduced(op, (0, 2, 3), 0, -1, dtype=np.int32, keep=True) for op in ("Max", "Min", "Prod", "Sum")),
    reduced("Sum", (0, 3), 1),
    reduced("Max", (0,), 0),
)


@FEW
@given(EXAMPLES)
def test_what_comes_of_nothing(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_something_alone() -> None:
    assert lowered_by(one_op("Sum", floats(2, 3), np.array([1], np.int32), constant=[1])) == []


def test_axes_of_the_run_are_named() -> None:
    assert "there are none" in refused(reduced("Sum", (2, 0), 1, constant=False))
