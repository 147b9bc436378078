from __future__ import annotations

import numpy as np
import pytest
from box_cases import scores
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused


def by_overlaps(count: int, most: int, overlap: float, least: float, seed: int = 0, **options: object) -> Example:
    return one_op(
        "NonMaxSuppressionWithOverlaps", floats(count, count, seed=seed, low=0, high=1), scores(count, seed=seed),
        np.int32(most), np.float32(overlap), np.float32(least), constant=[2, 3, 4], **options,
    )  # fmt: skip


EXAMPLES = st.builds(
    by_overlaps,
    st.integers(1, 8),
    st.integers(1, 6),
    st.floats(0, 1, width=32),
    st.sampled_from([0.0, 0.3]),
    st.integers(0, 99),
)
CORNERS = (
    by_overlaps(7, 4, 0.5, 0.2),
    by_overlaps(7, 9, 0.9, -1.0),
    by_overlaps(5, 3, 0.5, 2.0),
    by_overlaps(6, 3, 0.5, 0.2, unknown={0: [0, 1], 1: [0]}),
)


@FEW
@given(EXAMPLES)
def test_the_best_one_after_the_other(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_by_overlaps")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_by_overlaps")


def test_declines_too_many() -> None:
    assert "no such op" in refused(by_overlaps(6, 500, 0.5, 0.2))
