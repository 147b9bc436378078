from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, rewritten

from tfjsci.catalog.check import check_ops
from tfjsci.dtypes import BACKENDS, Backend

HERE: tuple[Backend, ...] = ("cpu", "webgl", "wasm")
"""webgpu can't read sizes that it has computed."""

ROWS, SPLITS = ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], ["ROW_SPLITS"]


def dense(lengths: list[int], values: Any, *, wide: int = -1, default: float = 0, splits: bool = False) -> Example:
    """Rows of these lengths; how many values there are is known to the run alone."""
    if splits:
        partition = [np.cumsum([0, *lengths]).astype(np.int64)]
    else:
        partition = [np.int64(len(lengths)), np.repeat(np.arange(len(lengths)), lengths).astype(np.int64)]
    return one_op(
        "RaggedTensorToTensor",
        np.int64([-1, wide]),
        values,
        np.asarray(default, values.dtype),
        *partition,
        constant=[0, 2],
        unknown={1: [0], **({3: [0]} if splits else {4: [0]})},
        row_partition_types=SPLITS if splits else ROWS,
        num_row_partition_tensors=len(partition),
        backends=HERE,
    )


EXAMPLES = st.builds(
    lambda lengths, wide, default, splits: dense(
        lengths, ints(sum(lengths), low=1), wide=wide, default=default, splits=splits
    ),
    st.lists(st.integers(0, 4), min_size=1, max_size=4).filter(any),
    st.sampled_from([-1, 1, 2, 6]),
    st.sampled_from([0, 7]),
    st.booleans(),
)
CORNERS = (
    dense([2, 0, 3], ints(5).astype(np.int64)),
    dense([2, 0, 3], ints(5).astype(np.int64), wide=2),
    dense([2, 0, 3], floats(5), wide=4, default=-1),
    dense([0, 0], ints(0)),
    dense([0, 2, 0], ints(2).astype(np.int64), splits=True),
    dense([0, 0], ints(0), splits=True),
)


@FEW
@given(EXAMPLES)
def test_rows_are_filled_up(example: Example) -> None:
    assert_right_in_tensorflow(example, "ragged_to_dense")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "ragged_to_dense")


def test_on_webgpu_alone_a_size_that_is_computed_is_refused() -> None:
    example = replace(dense([2, 0], ints(2)), backends=BACKENDS)
    said = check_ops(rewritten(example).graph, BACKENDS).unsupported
    assert {op.backends for op in said} == {("webgpu",)}
    assert "can't read it back as the shape" in said[0].reason


def test_refuses_texts_and_two_ragged_dimensions() -> None:
    words = np.array([b"a", b"b"], dtype=object)
    assert "RaggedTensorToTensor" in refused(dense([2, 0], words, default=b""))  # type: ignore[arg-type]
    deep = one_op(
        "RaggedTensorToTensor",
        np.int64([-1, -1, -1]),
        ints(3),
        np.int32(0),
        np.int64([0, 1, 2]),
        np.int64([0, 2, 3]),
        constant=[0, 2],
        row_partition_types=["ROW_SPLITS", "ROW_SPLITS"],
        num_row_partition_tensors=2,
    )
    assert "RaggedTensorToTensor" in refused(deep)
