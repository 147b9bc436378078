from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import (
    FEW,
    Example,
    assert_right_in_tensorflow,
    floats,
    ints,
    lowered_by,
    one_op,
    refused,
    rewritten,
)


def pool(
    k: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    *,
    ties: bool = False,
    batch: bool = False,
    dtype: str = "int64",
    outputs: int = 2,
    seed: int = 0,
    unknown: tuple[int, ...] = (),
) -> Example:
    x = (
        ints(2, 5, 6, 3, seed=seed, low=-1, high=2).astype(np.float32)
        if ties
        else floats(2, 5, 6, 3, seed=seed, high=-1)
    )
    return one_op(
        "MaxPoolWithArgmax", x, outputs=outputs, unknown={0: unknown}, ksize=(1, *k, 1), strides=(1, *strides, 1),
        padding=padding, Targmax=dtype, include_batch_in_index=batch,
    )  # fmt: skip


PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3))
EXAMPLES = st.builds(
    pool,
    PAIR,
    PAIR,
    st.sampled_from(["SAME", "VALID"]),
    ties=st.booleans(),
    batch=st.booleans(),
    dtype=st.sampled_from(["int32", "int64"]),
    outputs=st.integers(1, 2),
    seed=st.integers(0, 99),
)
CORNERS = (
    pool((2, 2), (2, 2), "VALID", unknown=(0,)),
    pool((2, 2), (2, 2), "VALID", unknown=(0,), batch=True),
    pool((3, 3), (2, 2), "SAME", ties=True, batch=True, dtype="int32"),
    pool((2, 3), (1, 2), "SAME", outputs=1, unknown=(0, 1, 2)),
)


@FEW
@given(EXAMPLES)
def test_the_first_of_the_largest_is_pointed_at(example: Example) -> None:
    assert_right_in_tensorflow(example, "max_pool_argmax")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_with_the_batch_and_open_sizes(example: Example) -> None:
    assert_right_in_tensorflow(example, "max_pool_argmax")


def test_a_pool_alone_where_the_positions_are_not_read() -> None:
    graph = rewritten(pool((2, 2), (2, 2), "VALID", outputs=1)).graph
    assert [node.op for node in graph if node.op != "Placeholder"] == ["MaxPool"]


def test_leaves_it_to_cpu() -> None:
    attrs = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": "VALID"}
    assert lowered_by(one_op("MaxPoolWithArgmax", floats(1, 4, 4, 2), outputs=2, backends=("cpu",), **attrs)) == []  # type: ignore[arg-type]


def test_declines_positions_in_images_of_open_size() -> None:
    assert "MaxPoolWithArgmax" in refused(pool((2, 2), (2, 2), "VALID", unknown=(1,)))
