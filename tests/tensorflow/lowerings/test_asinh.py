from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Asinh", floats(*shape, seed=seed, low=-99, high=99)), shapes(0, 5), st.integers(0, 99)
)
CORNERS = (
    one_op("Asinh", np.float32([-1e30, -1e10, -1e4, -300, -1, -0.1, -1e-3, 0, 1e-3, 0.5, 1, 1e4, 1e20])),
    one_op("Asinh", floats(2, 3), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_holds_for_large_numbers(example: Example) -> None:
    assert_right_in_tensorflow(example, "asinh")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "asinh")


def test_leaves_alone_what_is_right() -> None:
    assert lowered_by(one_op("Asinh", floats(3), backends=["wasm", "cpu"])) == []
    assert lowered_by(one_op("Acosh", floats(3, low=1))) == []
