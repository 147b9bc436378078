from __future__ import annotations

import numpy as np
import pytest
from box_cases import SCORES, TOUCHING, boxes, scores, suppression
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, refused

EXAMPLES = st.builds(
    lambda count, most, sigma, least, padded, seed: suppression(
        5, boxes(count, seed=seed), scores(count, seed=seed), most, 0.4, least, sigma,
        outputs=3, pad_to_max_output_size=padded,
    ),
    st.integers(1, 8),
    st.integers(1, 5),
    st.floats(0.125, 1, width=32),
    st.sampled_from([0.0, 0.15, 0.5]),
    st.booleans(),
    st.integers(0, 99),
)  # fmt: skip
CORNERS = (
    suppression(5, TOUCHING, SCORES, 6, 0.5, 0.05, 0.5, outputs=3, pad_to_max_output_size=False),
    suppression(5, TOUCHING, SCORES, 9, 1.0, -np.inf, 0.25, outputs=3, pad_to_max_output_size=True),
    suppression(5, TOUCHING, SCORES, 9, 1.0, -np.inf, 0.0625, outputs=3, pad_to_max_output_size=False),
    suppression(5, TOUCHING, SCORES, 3, 1.0, 2.0, 0.25, outputs=3, pad_to_max_output_size=False),
    suppression(5, boxes(6), scores(6), 4, 0.5, 0.1, 0.5, outputs=3, unknown={0: [0], 1: [0]}),
    suppression(5, TOUCHING, SCORES, 1, 0.5, 0.05, 0.5, outputs=3, pad_to_max_output_size=True),
)


@FEW
@given(EXAMPLES)
def test_the_best_one_after_the_other(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_softly")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_softly")


def test_leaves_hard_suppression_alone() -> None:
    assert lowered_by(suppression(5, boxes(6), scores(6), 4, 0.4003217, outputs=2)) == []


def test_declines_too_many_and_unknown() -> None:
    assert "still drops boxes" in refused(suppression(5, boxes(6), scores(6), 500, 0.4003217, sigma=0.5, outputs=2))
    example = suppression(5, boxes(6), scores(6), 5, 0.4003217, sigma=0.5, outputs=2, constant=False)
    assert "still drops boxes" in refused(example)
