from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op


def to_depth(batch: int, rows: int, columns: int, channels: int, block: int, *, whole: bool) -> Example:
    make = ints if whole else floats
    return one_op("SpaceToDepth", make(batch, rows * block, columns * block, channels), block_size=block)


EXAMPLES = st.builds(
    to_depth, st.integers(1, 2), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(2, 3), whole=st.booleans()
)  # fmt: skip
CORNERS = (
    one_op("SpaceToDepth", floats(2, 4, 6, 3), block_size=2, unknown={0: [0]}),
    one_op("SpaceToDepth", floats(2, 4, 6, 3), block_size=2, unknown={0: [0, 1, 2]}),
    one_op("DepthToSpace", ints(2, 2, 3, 12), block_size=2),
    one_op("DepthToSpace", ints(1, 2, 3, 9), block_size=3, unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_transpose(example: Example) -> None:
    assert_right_in_tensorflow(example, "space_to_depth")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_open_sizes_and_the_other_way_round(example: Example) -> None:
    assert_right_in_tensorflow(example, "space_to_depth")


def test_leaves_floats_to_the_runtime() -> None:
    assert lowered_by(one_op("DepthToSpace", floats(2, 2, 3, 12), block_size=2)) == []
