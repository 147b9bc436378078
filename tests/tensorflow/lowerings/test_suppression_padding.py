from __future__ import annotations

import pytest
from box_cases import SCORES, TOUCHING, boxes, scores, suppression
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by

AWAY = 0.4003217
"""No overlap is this."""
EXAMPLES = st.builds(
    lambda version, count, more, seed: suppression(
        version,
        boxes(count, seed=seed),
        scores(count, seed=seed),
        count + more,
        AWAY,
        outputs=version - 2,
        pad_to_max_output_size=True,
    ),
    st.sampled_from([4, 5]),
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(0, 99),
)
CORNERS = (
    suppression(4, TOUCHING, SCORES, 9, AWAY, 0.05, outputs=2, pad_to_max_output_size=True),
    suppression(5, TOUCHING, SCORES, 9, AWAY, 0.05, outputs=3, pad_to_max_output_size=True),
    suppression(5, TOUCHING, SCORES, 3, AWAY, 0.05, outputs=3, pad_to_max_output_size=True),
    suppression(5, TOUCHING, SCORES, 3, 0.5, 0.05, outputs=3, pad_to_max_output_size=False),
    suppression(4, TOUCHING, SCORES, 9, 0.5, 0.05, outputs=2, pad_to_max_output_size=True),
    suppression(4, boxes(5), scores(5), 9, AWAY, outputs=2, pad_to_max_output_size=True, unknown={0: [0], 1: [0]}),
    suppression(5, boxes(5), scores(5), 9, AWAY, outputs=3, pad_to_max_output_size=True, unknown={0: [0], 1: [0]}),
    suppression(4, boxes(5), scores(5), 3, AWAY, 2.0, outputs=2, pad_to_max_output_size=True, unknown={0: [0], 1: [0]}),
    suppression(
        4,
        boxes(5),
        scores(5),
        9,
        AWAY,
        outputs=2,
        pad_to_max_output_size=True,
        constant=False,
        unknown={0: [0], 1: [0]},
    ),
)


@FEW
@given(EXAMPLES)
def test_padded_with_zeros(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_padding")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "suppression_padding")


def test_leaves_alone_what_works() -> None:
    assert lowered_by(suppression(4, TOUCHING, SCORES, 5, AWAY, outputs=2, pad_to_max_output_size=True)) == []
    assert lowered_by(suppression(4, TOUCHING, SCORES, 9, AWAY, outputs=2, pad_to_max_output_size=False)) == []
    assert lowered_by(suppression(5, TOUCHING, SCORES, 9, AWAY, outputs=2, pad_to_max_output_size=False)) == []
