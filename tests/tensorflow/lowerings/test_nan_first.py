"""A NaN behind a constant: the operands change places, and wasm keeps it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op

from tfjsci.graph.graph import Array

NAME = "nan_first"


def beside(op: str, c: Array, x: Array, *, constant: int = 0) -> Example:
    """For wasm, and cpu beside it: what a GPU makes of NaN is its own."""
    return one_op(op, c, x, constant=[constant], unknown={1 - constant: [0]}, backends=("wasm", "cpu"))


def with_nan(*shape: int, seed: int = 0) -> Array:
    x = floats(*shape, seed=seed)
    x.reshape(-1)[:: 1 + seed % 3] = np.nan
    return x


EXAMPLES = st.builds(
    lambda op, shape, seed: beside(op, floats(shape[-1], seed=seed), with_nan(2, *shape, seed=seed)),
    st.sampled_from(["Maximum", "Minimum"]),
    st.sampled_from([(3,), (2, 4), (1, 5)]),
    st.integers(0, 99),
)
CORNERS = (
    beside("Maximum", np.float32(0.5), with_nan(2, 3)),
    beside("Minimum", floats(2, 3), with_nan(1, 3)),
    beside("Maximum", floats(1, 4), with_nan(3, 1)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize(
    "example",
    [
        beside("Maximum", with_nan(2, 3), floats(3), constant=1),
        beside("Maximum", with_nan(3), floats(2, 3)),
        one_op("Maximum", floats(2, 3), floats(2, 3, seed=1)),
        one_op("Maximum", np.int32(2), ints(2, 3), constant=[0]),
    ],
    ids=["constant last", "a constant with NaN", "no constant", "integers"],
)
def test_leaves_alone(example: Example) -> None:
    assert lowered_by(example) == []
