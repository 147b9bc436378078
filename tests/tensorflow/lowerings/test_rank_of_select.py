from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import high_shapes, values

NAME = "rank_of_select"


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(5, 7))
    seed = draw(st.integers(0, 99))
    spread = draw(st.lists(st.sampled_from(["", "", "c", "x", "y", "xy"]), min_size=len(shape), max_size=len(shape)))
    c, x, y = (tuple(1 if who in kind else n for n, kind in zip(shape, spread, strict=True)) for who in "cxy")
    dtype = draw(st.sampled_from(["float32", "int32"]))
    return one_op("SelectV2", values(c, "bool", seed), values(x, dtype, seed + 1), values(y, dtype, seed + 2))


EXAMPLES = examples()
FIVE = (2, 2, 1, 2, 3)
CORNERS = (
    one_op("SelectV2", values(FIVE, "bool"), floats(*FIVE), floats(*FIVE, seed=1)),
    one_op("SelectV2", values(FIVE, "bool"), floats(*FIVE), np.float32(-1e9), constant=[2], unknown={0: [0], 1: [0]}),
    one_op("SelectV2", values((2, 1, 1, 1, 1), "bool"), floats(*FIVE), np.float32(0), unknown={1: [1]}),
    one_op("SelectV2", np.array(True), floats(*FIVE), floats(*FIVE, seed=1)),
    one_op("SelectV2", values((3,), "bool"), floats(*FIVE), floats(2, 3)),
    one_op("SelectV2", values((2, 1, 2, 1, 2, 1), "bool"), floats(1, 2, 1, 2, 1, 2), np.float32(0)),
    one_op("SelectV2", values(FIVE, "bool"), values(FIVE, "bool", 1), values(FIVE, "bool", 2)),
    one_op("Select", values(FIVE, "bool"), floats(*FIVE), floats(*FIVE, seed=1), unknown={0: [0], 1: [0], 2: [0]}),
    one_op("Select", np.array(False), values(FIVE, "int32"), values(FIVE, "int32", 1)),
)


@FEW
@given(EXAMPLES)
def test_neighbours_that_are_spread_alike_are_one(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_four_dimensions_alone() -> None:
    assert lowered_by(one_op("SelectV2", values(FIVE[1:], "bool"), floats(2, 1, 2, 3), floats(3))) == []
    assert lowered_by(one_op("SelectV2", values(FIVE, "bool"), floats(*FIVE), floats(3), backends=("cpu",))) == []


def test_declines_what_could_be_spread_in_too_many_ways() -> None:
    shape = (2, 2, 3, 2, 3)
    given_values = values(shape, "bool"), floats(*shape), floats(*shape, seed=1)
    assert "dimensions" in refused(one_op("SelectV2", *given_values, unknown={0: range(5), 1: range(5)}))
