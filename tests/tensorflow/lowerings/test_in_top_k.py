"""Whether the target is among the k best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op

from tfjsci.graph.graph import Array

NAME = "in_top_k"


def within(
    scores: Array, targets: Array, k: int, *, old: bool = False, unknown: bool = False, fed: bool = False
) -> Example:
    rows = {0: [0], 1: [0]} if unknown else {}
    if old:
        return one_op("InTopK", scores, targets, unknown=rows, k=k)
    return one_op("InTopKV2", scores, targets, targets.dtype.type(k), constant=[] if fed else [2], unknown=rows)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    rows, classes = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    scores = ints(rows, classes, seed=draw(st.integers(0, 99)), low=0, high=4).astype(np.float32)
    targets = ints(rows, low=-1, high=classes + 1).astype(draw(st.sampled_from([np.int32, np.int64])))
    k, old = draw(st.integers(0, classes + 1)), draw(st.booleans())
    return within(scores, targets, k, old=old, unknown=draw(st.booleans()), fed=draw(st.booleans()))


EXAMPLES = examples()
ODD = np.array([[1, np.nan, 0], [1, np.inf, 0], [-np.inf, 2, 3], [5, 5, 5]], np.float32)
CORNERS = (
    within(floats(4, 5), ints(4, low=0, high=5), 2),
    within(floats(4, 5), ints(4, low=0, high=5), 2, old=True, unknown=True),
    within(ODD, np.array([0, 1, 2, 2], np.int32), 2),
    within(floats(3, 5), np.array([-1, 5, 2], np.int32), 3),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
