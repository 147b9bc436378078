from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import axes_of, high_shapes, unknowns, values

NAME = "rank_of_reduction"


def reduced(
    op: str,
    shape: tuple[int, ...],
    axes: list[int],
    dtype: str = "float32",
    unknown: tuple[int, ...] = (),
    **keep: bool,
) -> Example:
    return one_op(op, values(shape, dtype), np.array(axes, np.int32), constant=[1], unknown={0: unknown}, **keep)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(7, 8, numbers=96))
    op = draw(st.sampled_from(["Sum", "Mean", "Max", "Min", "Prod", "All", "Any"]))
    dtype = "float32" if op in ("Mean", "Prod") else draw(st.sampled_from(["float32", "int32"]))
    dtype = "bool" if op in ("All", "Any") else dtype
    axes = draw(axes_of(len(shape)))
    return reduced(op, shape, axes, dtype, draw(unknowns(len(shape))), keep_dims=draw(st.booleans()))


EXAMPLES = examples()
SEVEN = (2, 2, 1, 2, 3, 2, 2)
CORNERS = (
    *(reduced(op, SEVEN, [1, 4, 5], unknown=(0,)) for op in ("Sum", "Mean", "Max", "Min", "Prod")),
    reduced("Sum", SEVEN, [0, 1, 2, 3, 4, 5, 6]),
    reduced("Mean", (2,) * 8, [0, 2, 4, 6], keep_dims=True),  # too many for merging alone
    reduced("Mean", (2,) * 8, [-1, -3, -5, -7], unknown=(0, 2)),
    reduced("Sum", SEVEN, [2], keep_dims=False),
    reduced("Sum", SEVEN, []),
    reduced("Max", SEVEN, [3, 6], "int32"),
    reduced("All", SEVEN, [3, 6], "bool"),
    reduced("Any", SEVEN, [5, 6], "bool", keep_dims=True),
)


@FEW
@given(EXAMPLES)
def test_neighbours_that_are_reduced_are_one(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(reduced("Sum", SEVEN[1:], [1])) == []
    assert lowered_by(one_op("Sum", floats(*SEVEN), np.int32(1), constant=[1], backends=("wasm", "cpu"))) == []


def test_declines_axes_of_the_run() -> None:
    assert "6 dimensions" in refused(one_op("Sum", floats(*SEVEN), np.array([1], np.int32)))
