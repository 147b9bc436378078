from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda shape, seed, pair: one_op(
        "Bitcast", floats(*shape, seed=seed, low=0, high=255).astype(np.uint8).astype(pair[0]), type=pair[1]
    ),
    shapes(0, 5),
    st.integers(0, 99),
    st.sampled_from([("int8", "uint8"), ("uint8", "int8"), ("int16", "uint16"), ("uint16", "int16")]),
)
CORNERS = (
    one_op("Bitcast", np.int8([0, 1, -1, -128]), type="uint8"),
    one_op("Bitcast", np.uint8([0, 1, 128, 255]), type="int8"),
    one_op("Bitcast", np.int16([0, 1, -1, -32768]), type="uint16", unknown={0: [0]}),
    one_op("Bitcast", floats(3), type="float32"),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_cast_that_wraps(example: Example) -> None:
    assert_right_in_tensorflow(example, "bitcast")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "bitcast")


def test_declines_the_bits_of_floats() -> None:
    assert "no such op" in refused(one_op("Bitcast", floats(3), type="int32"))
    assert "no such op" in refused(one_op("Bitcast", np.int32([1]), type="uint32"))
    assert "no such op" in refused(one_op("Bitcast", np.float16([1]), type="int16"))
