from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Rint", floats(*shape, seed=seed, low=-99, high=99)), shapes(0, 5), st.integers(0, 99)
)
CORNERS = (
    one_op("Rint", np.float32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 8388607.5, 1e20])),
    one_op("Rint", floats(2, 3), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_halves_go_to_the_even_neighbour(example: Example) -> None:
    assert_right_in_tensorflow(example, "rint")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "rint")


def test_leaves_round_alone() -> None:
    assert lowered_by(one_op("Round", floats(3))) == []
