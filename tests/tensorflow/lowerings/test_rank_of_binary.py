from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import high_shapes, unknowns, values

NAME = "rank_of_binary"


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(7, 8))
    rank = len(shape)
    op = draw(st.sampled_from(["AddV2", "Sub", "Mul", "Maximum", "Less", "Equal", "SquaredDifference", "LogicalAnd"]))
    dtype = "bool" if op == "LogicalAnd" else draw(st.sampled_from(["float32", "int32"]))
    runs = st.lists(st.sampled_from(["both", "both", "x", "y"]), min_size=rank, max_size=rank)
    spread = draw(runs.filter(lambda kinds: sum(a != b for a, b in pairwise(kinds)) < 5))  # more than TensorFlow does
    x_shape = tuple(1 if kind == "x" else n for n, kind in zip(shape, spread, strict=True))
    y_shape = tuple(1 if kind == "y" else n for n, kind in zip(shape, spread, strict=True))
    cut = draw(st.integers(0, 3))
    x, y = values(x_shape, dtype, 1), values(y_shape[cut:] if set(y_shape[:cut]) <= {1} else y_shape, dtype, 2)
    open_axes = draw(unknowns(rank)) if len(set(spread)) == 1 else ()
    return one_op(op, x, y, unknown={0: open_axes})


EXAMPLES = examples()
CROSSED = floats(2, 1, 2, 1, 2, 1, 2, 1), floats(1, 2, 1, 2, 1, 2, 1, 2)
A = (2, 3, 1, 2, 2, 1, 2)
CORNERS = (
    one_op("AddV2", floats(*A), floats(*A, seed=1)),
    one_op("AddV2", floats(*A), floats(*A, seed=1), unknown={0: [0], 1: [0]}),
    one_op("Mul", floats(*A), floats(2), constant=[1]),
    one_op("Mul", floats(*A), np.float32(3), constant=[1]),
    one_op("Sub", *CROSSED, expected=[CROSSED[0] - CROSSED[1]]),  # too many for merging alone, and for TensorFlow
    one_op("RealDiv", floats(2, 1, 2, 2, 2, 2, 2), floats(2, 3, 1, 1, 2, 1, 1, low=1)),
    one_op("AddV2", floats(*A), floats(*A, seed=1), unknown={0: [0, 3], 1: [0, 3]}),
    one_op("BiasAdd", floats(1, 2, 1, 2, 2, 2, 3), floats(3)),
    one_op("LogicalOr", values(A, "bool"), values(A[3:], "bool", 1)),
    one_op("Equal", values(A, "int32"), values(A, "int32", 1)),
    one_op("DivNoNan", floats(2, 1, 2, 2, 2), np.array([0, 2], np.float32).reshape(2, 1)),
)


@FEW
@given(EXAMPLES)
def test_neighbours_that_are_spread_alike_are_one(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(one_op("AddV2", floats(1, 2, 1, 2, 2, 2), floats(2, 1, 2))) == []
    assert lowered_by(one_op("AddV2", floats(*A), floats(*A), backends=("cpu",))) == []


def test_declines_what_could_be_spread_in_too_many_ways() -> None:
    x, y = floats(2, 3, 1, 3, 2, 3, 2, 2), floats(2, 3, 2, 3, 2, 3, 1, 2)
    example = one_op("AddV2", x, y, unknown={0: [0, 1, 2, 3, 4, 5, 6], 1: [0, 1, 2, 3, 4, 5, 6]})
    assert "dimensions" in refused(example)
