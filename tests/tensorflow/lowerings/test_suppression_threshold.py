from __future__ import annotations

import numpy as np
import pytest
from box_cases import SCORES, TOUCHING, boxes, scores, suppression
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by

NESTED = np.float32([[0, 0, 20, 1], [0, 0, 9, 1], [0, 0, 5, 1]])
"""Overlaps of 0.45, 0.25 and 5/9."""
ROUND = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.45, 0.5, 0.55, 0.6, 0.75, 0.9, 1.0])
EXAMPLES = st.builds(
    lambda version, count, most, overlap, seed: suppression(
        version,
        # whole corners: overlaps are quotients of small numbers
        np.round(10 * boxes(count, seed=seed)).astype(np.float32),
        scores(count, seed=seed),
        most,
        overlap,
        outputs={2: 1, 3: 1, 4: 2, 5: 2}[version],
    ),
    st.integers(2, 5),
    st.integers(2, 12),
    st.integers(1, 12),
    ROUND,
    st.integers(0, 99),
)
CORNERS = (
    *(suppression(3, TOUCHING, SCORES, 9, overlap) for overlap in (0.0, 0.5, 1.0)),
    *(suppression(2, NESTED, SCORES[:3], 9, overlap) for overlap in (0.25, 0.45)),
    suppression(3, boxes(9), scores(9), 4, 0.5, unknown={0: [0], 1: [0]}),
    suppression(5, TOUCHING, SCORES, 9, 1.0, outputs=2),
)


@FEW
@given(EXAMPLES)
def test_the_next_float(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_threshold")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_threshold")


def test_leaves_alone_what_no_overlap_is() -> None:
    assert lowered_by(suppression(3, boxes(9), scores(9), 4, 0.5000321)) == []
