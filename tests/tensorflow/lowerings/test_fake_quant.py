from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, rewritten, shapes

EXAMPLES = st.builds(
    lambda shape, seed, bits, narrow, constant: one_op(
        "FakeQuantWithMinMaxVars",
        floats(*shape, seed=seed),
        np.float32(-2.1 + seed % 3),
        np.float32(1.3 + seed % 5),
        constant=[1, 2] if constant else [],
        num_bits=bits,
        narrow_range=narrow,
    ),
    shapes(0, 4),
    st.integers(0, 99),
    st.sampled_from([2, 4, 8, 16]),
    st.booleans(),
    st.booleans(),
)
CORNERS = (
    one_op("FakeQuantWithMinMaxArgs", floats(2, 3)),
    one_op("FakeQuantWithMinMaxArgs", floats(2, 3), min=-0.7, max=1.9, num_bits=3, narrow_range=True),
    one_op("FakeQuantWithMinMaxVars", floats(2, 3), np.float32(0), np.float32(0), constant=[1, 2]),
    one_op("FakeQuantWithMinMaxVars", floats(2, 3), np.float32(0), np.float32(0)),
    one_op("FakeQuantWithMinMaxVars", floats(2, 3), np.float32(0.5), np.float32(2)),
    one_op("FakeQuantWithMinMaxVars", floats(2, 3), np.float32(-2), np.float32(-0.5), num_bits=4),
    one_op("FakeQuantWithMinMaxVars", floats(2, 3), np.float32(-1), np.float32(2), unknown={0: [0]}, num_bits=4),
    one_op("FakeQuantWithMinMaxVarsPerChannel", floats(4, 3), np.float32([-1, -0.3, 0]), np.float32([2, 0.4, 1])),
    one_op(
        "FakeQuantWithMinMaxVarsPerChannel",
        floats(2, 2, 3),
        np.float32([-1, 0, -3]),
        np.float32([2, 0, 1]),
        constant=[1, 2],
    ),
    one_op("FakeQuantWithMinMaxVarsPerChannel", floats(3), np.float32([-1, -2, -3]), np.float32([2, 1, 1]), num_bits=5),
)


@FEW
@given(EXAMPLES)
def test_it_is_nudged_and_rounded(example: Example) -> None:
    assert_right_in_tensorflow(example, "fake_quant")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "fake_quant")


def test_with_a_constant_range_few_ops_are_left() -> None:
    example = one_op("FakeQuantWithMinMaxVars", floats(2, 3), np.float32(-1), np.float32(2), constant=[1, 2])
    computing = [node.op for node in rewritten(example).graph if node.op not in ("Const", "Placeholder")]
    assert computing == ["ClipByValue", "Mul", "AddV2", "Floor", "Mul", "AddV2"]


def test_leaves_clipping_alone() -> None:
    assert lowered_by(one_op("ClipByValue", floats(3), np.float32(-1), np.float32(1))) == []
