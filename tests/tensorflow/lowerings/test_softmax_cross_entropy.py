from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op

DENSE, SPARSE = "SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits"


@st.composite
def examples(draw: st.DrawFn) -> Example:
    rows, classes = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    x = floats(rows, classes, seed=draw(st.integers(0, 99)), low=-9, high=9)
    unknown = {0: [0], 1: [0]} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        labels = floats(draw(st.sampled_from([1, rows])), classes, low=0, high=1)
        return one_op(DENSE, x, labels, outputs=2, unknown=unknown, scale=1)
    dtype = draw(st.sampled_from([np.int32, np.int64]))
    return one_op(SPARSE, x, ints(rows, low=0, high=classes).astype(dtype), outputs=2, unknown=unknown, scale=1)


EXAMPLES = examples()
CORNERS = (
    one_op(DENSE, floats(2, 3), floats(2, 3, low=0, high=1), outputs=2, unknown={0: [0, 1], 1: [0, 1]}),
    one_op(SPARSE, floats(2, 3), np.array([2, 0]), outputs=2, unknown={0: [0, 1], 1: [0]}),
    one_op(SPARSE, np.array([[0, -np.inf, 1]], np.float32), np.array([2]), outputs=2),
)


@FEW
@given(EXAMPLES)
def test_it_is_of_logarithms(example: Example) -> None:
    assert_right_in_tensorflow(example, "softmax_cross_entropy")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "softmax_cross_entropy")
