from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import high_shapes, unknowns, values

NAME = "rank_of_scan"


def scanned(
    op: str, shape: tuple[int, ...], axis: int, dtype: str = "float32", unknown: tuple[int, ...] = (), **flags: bool
) -> Example:
    return one_op(op, values(shape, dtype), np.array(axis, np.int32), constant=[1], unknown={0: unknown}, **flags)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(5, 7, numbers=96))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return scanned(
        draw(st.sampled_from(["Cumsum", "Cumprod"])),
        shape,
        axis,
        draw(st.sampled_from(["float32", "int32"])),
        draw(unknowns(len(shape))),
        exclusive=draw(st.booleans()),
        reverse=draw(st.booleans()),
    )


EXAMPLES = examples()
FIVE = (2, 2, 1, 3, 2)
CORNERS = (
    scanned("Cumsum", FIVE, 1, unknown=(0,)),
    scanned("Cumsum", FIVE, 0),
    scanned("Cumsum", FIVE, -1, exclusive=True, reverse=True, unknown=(0, 1)),
    scanned("Cumprod", FIVE, 3, exclusive=True),
    scanned("Cumprod", FIVE, -2, reverse=True),
    scanned("Cumsum", FIVE, 3, "int32"),
)


@FEW
@given(EXAMPLES)
def test_what_is_before_and_behind_the_axis_is_merged(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_four_dimensions_alone() -> None:
    assert lowered_by(scanned("Cumsum", FIVE[1:], 1)) == []
    assert lowered_by(one_op("Cumsum", floats(*FIVE), np.int32(1), constant=[1], backends=("wasm", "cpu"))) == []


def test_declines_an_axis_of_the_run() -> None:
    assert "4 dimensions" in refused(one_op("Cumsum", floats(*FIVE), np.int32(1)))
