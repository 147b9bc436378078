from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda shape, seed, dtype: one_op("Invert", ints(*shape, seed=seed, low=-100, high=100).astype(dtype)),
    shapes(0, 5),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "int8", "uint8", "int16", "uint16"]),
)
CORNERS = (
    one_op("Invert", np.int8([0, -128, 127])),
    one_op("Invert", np.uint8([0, 255])),
    one_op("Invert", ints(2, 3), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_minus_one_minus_x(example: Example) -> None:
    assert_right_in_tensorflow(example, "invert")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "invert")


def test_declines_what_the_runtime_has_not() -> None:
    assert "Invert" in refused(one_op("Invert", np.uint32([1])))
