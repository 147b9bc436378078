"""The place of the largest number of a vector."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op

NAME = "search_in_vector"
OPS = ("ArgMax", "ArgMin")


def found(
    op: str, count: int, dtype: str = "float32", *, output_type: str = "int64", unknown: bool = False, axis: int = 0
) -> Example:
    x = np.random.default_rng(count).permutation(count).astype(dtype)
    return one_op(op, x, np.int32(axis), constant=[1], unknown={0: [0] if unknown else []}, output_type=output_type)


EXAMPLES = st.builds(
    found,
    st.sampled_from(OPS),
    st.integers(1, 50),
    st.sampled_from(["float32", "int32"]),
    output_type=st.sampled_from(["int32", "int64"]),
    unknown=st.booleans(),
    axis=st.sampled_from([0, -1]),
)
CORNERS = (found("ArgMax", 5), found("ArgMin", 5, "int32", output_type="int32"), found("ArgMax", 5, unknown=True))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_matrices_and_other_backends_alone() -> None:
    assert lowered_by(one_op("ArgMax", floats(2, 3), np.int32(1), constant=[1])) == []
    assert lowered_by(one_op("ArgMax", floats(3), np.int32(0), constant=[1], backends=("webgl", "wasm", "cpu"))) == []
