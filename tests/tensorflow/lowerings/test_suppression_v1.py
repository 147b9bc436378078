from __future__ import annotations

import pytest
from box_cases import SCORES, TOUCHING, boxes, scores, suppression
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow

EXAMPLES = st.builds(
    lambda count, most, overlap, seed: suppression(1, boxes(count, seed=seed), scores(count, seed=seed), most, overlap),
    st.integers(1, 12),
    st.integers(1, 12),
    st.floats(0, 1, width=32),
    st.integers(0, 99),
)
CORNERS = (
    suppression(1, TOUCHING, SCORES, 9, 0.5),
    suppression(1, boxes(9), scores(9), 4, unknown={0: [0], 1: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_second_version(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_v1")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_v1")
