"""webgpu's BatchToSpaceND of integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op

NAME = "blocks_of_integers"


def spread(shape: tuple[int, ...], block: tuple[int, int], crops: tuple[int, int], dtype: str = "int32") -> Example:
    x = ints(shape[0] * block[0] * block[1], *shape[1:]).astype(dtype)
    cut = np.array([[crops[0], 0], [0, crops[1]]], np.int32)
    return one_op("BatchToSpaceND", x, np.array(block, np.int32), cut, constant=[1, 2])


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = tuple(draw(st.integers(1, 3)) for _ in range(4))
    block = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    crops = tuple(draw(st.integers(0, n * b - 1)) for n, b in zip(shape[1:3], block, strict=True))
    return spread(shape, block, (crops[0], crops[1]), draw(st.sampled_from(["int32", "int64"])))


EXAMPLES = examples()
CORNERS = (spread((1, 2, 2, 3), (2, 2), (0, 0)), spread((2, 2, 3, 1), (2, 1), (1, 2), "int64"))


@FEW
@given(EXAMPLES)
def test_spreads_as_tensorflow_does(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_floats_alone() -> None:
    block, crops = np.array([2, 2], np.int32), np.zeros((2, 2), np.int32)
    assert (
        lowered_by(one_op("BatchToSpaceND", ints(4, 2, 2, 1).astype(np.float32), block, crops, constant=[1, 2])) == []
    )
