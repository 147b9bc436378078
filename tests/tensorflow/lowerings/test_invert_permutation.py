"""Permutations turned round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, one_op

NAME = "invert_permutation"


def inverted(count: int, seed: int = 0, dtype: str = "int32", *, unknown: bool = False) -> Example:
    p = np.random.default_rng(seed).permutation(count).astype(dtype)
    return one_op("InvertPermutation", p, unknown={0: [0] if unknown else []})


EXAMPLES = st.builds(
    inverted, st.integers(1, 9), st.integers(0, 99), st.sampled_from(["int32", "int64"]), unknown=st.booleans()
)
CORNERS = (inverted(1), inverted(6), inverted(6, dtype="int64"), inverted(5, unknown=True))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
