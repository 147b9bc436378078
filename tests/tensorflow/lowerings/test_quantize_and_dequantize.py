from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda shape, seed, bits, signed, given_, narrow, mode: one_op(
        "QuantizeAndDequantizeV2",
        floats(*shape, seed=seed, low=-3 if signed else 0),
        np.float32(-1.9 if signed else 0),
        np.float32(2.1),
        constant=[1, 2] if seed % 2 else [],
        num_bits=bits,
        signed_input=signed,
        range_given=given_,
        narrow_range=narrow,
        round_mode=mode,
    ),
    shapes(1, 4),
    st.integers(0, 99),
    st.sampled_from([3, 8]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["HALF_TO_EVEN", "HALF_UP"]),
)
CORNERS = (
    # (V2 and V4 have a bound for each slice only in what they say: TensorFlow refuses to run it)
    one_op(
        "QuantizeAndDequantizeV3",
        floats(2, 3),
        np.float32([-1, -2, -3]),
        np.float32([2, 1, 1]),
        np.int32(8),
        constant=[3],
        range_given=True,
        axis=1,
    ),
    one_op("QuantizeAndDequantizeV4", floats(2, 3), np.float32(-1), np.float32(2), range_given=True, narrow_range=True),
    one_op(
        "QuantizeAndDequantizeV4", floats(2, 3, 2), np.float32([0, 0, 0]), np.float32([0, 0, 0]), axis=1, num_bits=4
    ),
    one_op("QuantizeAndDequantizeV2", floats(2, 3), np.float32(0), np.float32(0), constant=[1, 2], unknown={0: [0]}),
    one_op(
        "QuantizeAndDequantizeV3",
        floats(2, 3),
        np.float32(-1),
        np.float32(1),
        np.int32(4),
        constant=[3],
        range_given=True,
    ),
    one_op(
        "QuantizeAndDequantizeV3",
        floats(2, 3),
        np.float32(-1),
        np.float32(1),
        np.int32(4),
        constant=[3],
        range_given=False,
    ),
    one_op("QuantizeAndDequantizeV2", np.zeros((2, 3), np.float32), np.float32(0), np.float32(0)),
    one_op("QuantizeAndDequantizeV2", floats(2, 3, high=-1), np.float32(0), np.float32(0)),
    one_op("QuantizeAndDequantizeV2", floats(2, 3, low=1), np.float32(0), np.float32(0), signed_input=False),
)


@FEW
@given(EXAMPLES)
def test_it_is_rounded_to_the_scale(example: Example) -> None:
    assert_right_in_tensorflow(example, "quantize_and_dequantize")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "quantize_and_dequantize")


def test_declines_bits_of_the_run() -> None:
    assert "no such op" in refused(
        one_op("QuantizeAndDequantizeV3", floats(3), np.float32(-1), np.float32(1), np.int32(8))
    )
