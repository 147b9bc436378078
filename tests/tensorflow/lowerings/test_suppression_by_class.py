from __future__ import annotations

import numpy as np
import pytest
from box_cases import boxes, scores
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, one_op, refused


def combined(
    images: int,
    count: int,
    classes: int,
    per_class: int = 3,
    total: int = 5,
    overlap: float = 0.4,
    least: float = 0.2,
    *,
    shared: bool = True,
    seed: int = 0,
    grown: float = 1.0,
    **options: object,
) -> Example:
    return one_op(
        "CombinedNonMaxSuppression", grown * boxes(images, count, 1 if shared else classes, seed=seed),
        scores(images, count, classes, seed=seed),
        np.int32(per_class), np.int32(total), np.float32(overlap), np.float32(least),
        constant=[2, 3, 4, 5], outputs=4, **options,
    )  # fmt: skip


EXAMPLES = st.builds(
    lambda images, count, classes, per_class, total, shared, padded, seed: combined(
        images, count, classes, per_class, total, shared=shared, seed=seed, pad_per_class=padded
    ),
    st.integers(1, 3),
    st.integers(1, 9),
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(1, 14),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
CORNERS = (
    combined(1, 8, 3),
    combined(2, 8, 3, shared=False),
    combined(1, 4, 2, per_class=9, total=30),
    combined(2, 6, 2, per_class=3, total=30, pad_per_class=True),
    combined(1, 6, 2, least=2.0),
    combined(1, 9, 2, grown=2.0, clip_boxes=False),
    combined(1, 9, 2, grown=2.0, clip_boxes=True),
    combined(1, 9, 3, unknown={0: [0, 1], 1: [0, 1]}),
    combined(3, 9, 3, per_class=2, unknown={0: [0, 1], 1: [0, 1]}),
    combined(1, 9, 3, overlap=0.0),
)


@FEW
@given(EXAMPLES)
def test_each_class_and_then_the_best(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_by_class")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_by_class")


def test_declines_too_many_classes() -> None:
    assert "no such op" in refused(combined(1, 3, 200))
    assert "no such op" in refused(combined(1, 3, 2, unknown={1: [2]}))
