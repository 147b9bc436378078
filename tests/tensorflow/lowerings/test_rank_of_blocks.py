from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused
from rank_cases import values

NAME = "rank_of_blocks"
NONE = (0, 0)


def blocks(
    op: str,
    shape: tuple[int, ...],
    block: Sequence[int],
    pairs: Sequence[Sequence[int]],
    dtype: str = "float32",
    unknown: Sequence[int] = (),
) -> Example:
    around = np.array(pairs, np.int32).reshape(-1, 2)
    return one_op(op, values(shape, dtype), np.array(block, np.int32), around, constant=[1, 2], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    count, rest = draw(st.sampled_from([(1, 3), (2, 2), (3, 1), (3, 0), (3, 1)])) if draw(st.booleans()) else (4, 1)
    if count + rest + 1 < 5:
        rest += 1
    block = [draw(st.integers(1, 2)) for _ in range(count)]
    op = draw(st.sampled_from(["SpaceToBatchND", "BatchToSpaceND"]))
    pairs, spatial = [], []
    for n in block:
        before, behind = draw(st.integers(0, 1)), draw(st.integers(0, 1))
        pairs.append((before, behind))
        if op == "SpaceToBatchND":
            fit = [size for size in range(1, 5) if (size + before + behind) % n == 0]
            spatial.append(draw(st.sampled_from(fit)))
        else:
            spatial.append(draw(st.integers(-(-(before + behind + 1) // n), 3)))
    batch = 1 if op == "SpaceToBatchND" else int(np.prod(block))
    shape = (batch, *spatial, *[2] * rest)
    unknown = draw(st.sampled_from([(), (0,), (1,)]))
    return blocks(op, shape, block, pairs, draw(st.sampled_from(["float32", "int32"])), unknown)


EXAMPLES = examples()
CORNERS = (
    blocks("SpaceToBatchND", (1, 2, 4, 2, 3), (2, 2, 2), [NONE] * 3, unknown=[0]),  # a dilated convolution of volumes
    blocks("BatchToSpaceND", (8, 2, 1, 2, 3), (2, 2, 2), [NONE] * 3, unknown=[0]),
    blocks("SpaceToBatchND", (2, 3, 2, 1, 1), (3, 1, 2), [(1, 2), NONE, (1, 0)]),
    blocks("BatchToSpaceND", (12, 2, 2, 2, 1), (3, 2, 2), [(1, 2), NONE, (1, 0)]),
    blocks("SpaceToBatchND", (1, 4, 2, 2, 3), (2,), [(1, 1)]),
    blocks("BatchToSpaceND", (4, 2, 2, 2, 3), (2, 2), [(1, 0), (0, 1)], unknown=[0, 3]),
    blocks("SpaceToBatchND", (1, 2, 2, 2, 2, 2), (2, 2, 2, 2), [NONE] * 4),
    blocks("SpaceToBatchND", (1, 2, 2, 2, 2), (1, 1, 1), [NONE] * 3),
    blocks("SpaceToBatchND", (1, 2, 4, 2), (2, 2, 2), [NONE] * 3),
    blocks("BatchToSpaceND", (8, 2, 1, 2), (2, 2, 2), [NONE] * 3, unknown=[0]),
    blocks("BatchToSpaceND", (4, 2, 1, 2, 3), (2, 2, 1), [NONE] * 3, "int32"),
)


@FEW
@given(EXAMPLES)
def test_one_spatial_dimension_after_another(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_images_alone() -> None:
    assert lowered_by(blocks("SpaceToBatchND", (1, 4, 4, 3), (2, 2), [NONE] * 2)) == []


def test_declines_what_only_the_run_knows() -> None:
    x = values((1, 2, 2, 2, 3))
    assert "two spatial dimensions" in refused(
        one_op("SpaceToBatchND", x, np.array([2, 2, 2], np.int32), np.zeros((3, 2), np.int32), constant=[1])
    )
