from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed, dtype, count: one_op(
        "Bucketize",
        ints(*shape, seed=seed).astype(dtype),
        boundaries=sorted(float(b) for b in ints(count, seed=seed + 1) / (1 + seed % 2)),
    ),
    shapes(0, 6),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "float32", "float64"]),
    st.integers(1, 9),
)
CORNERS = (
    one_op("Bucketize", np.float32([-np.inf, -1, 0, 0.5, 1, 2, np.inf, np.nan]), boundaries=[0.0, 1.0, 1.0]),
    one_op("Bucketize", np.int32([-1, 0, 1, 2]), boundaries=[0.5, 1.0]),
    one_op("Bucketize", floats(2, 3), boundaries=[0.0], unknown={0: [0]}),
    one_op("Bucketize", floats(2, 3), boundaries=[], unknown={0: [0]}),
    one_op("Bucketize", floats(2, 3), boundaries=[]),
    one_op("Bucketize", floats(2, 3, 2), boundaries=[-1.0, 1.0], unknown={0: [0, 1]}),
    one_op("Bucketize", floats(0, 3), boundaries=[0.0]),
)


@FEW
@given(EXAMPLES)
def test_it_counts_boundaries(example: Example) -> None:
    assert_right_in_tensorflow(example, "bucketize")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "bucketize")


def test_leaves_upper_bound_alone() -> None:
    assert lowered_by(one_op("UpperBound", np.float32([[0, 1]]), floats(1, 3))) == []
