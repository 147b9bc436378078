from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array


def norm(x: Array, *axes: int, **rest: Any) -> Example:
    return one_op("EuclideanNorm", x, np.array(axes, np.int32), constant=[1], **rest)


EXAMPLES = st.builds(
    lambda shape, keep, first: norm(floats(*shape), *range(first, first + 3), keep_dims=keep),
    shapes(4, 5),
    st.booleans(),
    st.sampled_from([-3, 0, 1]),
)
CORNERS = (
    norm(floats(2, 3, 4), 0, 1, 2, unknown={0: [0]}),
    norm(floats(2, 3)),
    norm(ints(3, 4), 1),
    norm(ints(3, 4), 0, 1, keep_dims=True),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_root_of_the_sum(example: Example) -> None:
    assert_right_in_tensorflow(example, "euclidean_norm")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "euclidean_norm")


def test_leaves_alone_what_the_runtime_has() -> None:
    assert lowered_by(norm(floats(2, 3, 4), 1)) == []
    assert lowered_by(norm(floats(2, 3, 4), 0, -1, keep_dims=True)) == []
