from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused


def pool(x: Any, k: tuple[int, int], strides: int, **more: Any) -> Example:
    return one_op("MaxPool", x, ksize=(1, *k, 1), strides=(1, strides, strides, 1), **more)


def padded(k: tuple[int, int], strides: int, around: tuple[int, int, int, int], seed: int, **more: Any) -> Example:
    pads = tuple(min(n, k[i // 2] - 1) for i, n in enumerate(around))
    x = floats(2, 5, 6, 3, seed=seed, low=-5, high=-1)
    return pool(x, k, strides, padding="EXPLICIT", explicit_paddings=(0, 0, *pads, 0, 0), **more)


def v2(
    k: tuple[int, int, int, int], strides: tuple[int, int, int, int], *, constant: tuple[int, ...] = (1, 2)
) -> Example:
    sizes = np.array(k, np.int32), np.array(strides, np.int32)
    return one_op("MaxPoolV2", floats(2, 5, 6, 3), *sizes, constant=constant, padding="SAME")


EXAMPLES = st.one_of(
    st.builds(
        padded, st.tuples(st.integers(2, 3), st.integers(2, 3)), st.integers(1, 3), st.tuples(*[st.integers(0, 2)] * 4),
        st.integers(0, 99),
    ),
    st.builds(
        lambda k, s, padding, seed: pool(ints(2, 5, 6, 3, seed=seed, high=0), (k, 2), s, padding=padding),
        st.integers(1, 3), st.integers(1, 3), st.sampled_from(["SAME", "VALID"]), st.integers(0, 99),
    ),
)  # fmt: skip
CORNERS = (
    padded((3, 3), 2, (1, 1, 1, 1), 0, unknown={0: [0, 1, 2]}),
    pool(ints(1, 4, 4, 2), (2, 2), 2, padding="EXPLICIT", explicit_paddings=(0, 0, 1, 0, 0, 1, 0, 0)),
    pool(ints(1, 4, 4, 2).astype(np.int64), (2, 2), 2, padding="SAME"),
    v2((1, 2, 3, 1), (1, 2, 1, 1)),
    one_op("MaxPool", floats(2, 3, 4, 6), ksize=(1, 1, 1, 3), strides=(1, 1, 1, 3), padding="VALID", unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_pool_that_every_backend_has(example: Example) -> None:
    assert_right_in_tensorflow(example, "max_pool")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_each_of_the_four(example: Example) -> None:
    assert_right_in_tensorflow(example, "max_pool")


def test_leaves_floats_with_the_usual_paddings_alone() -> None:
    assert lowered_by(pool(floats(1, 5, 5, 2), (2, 2), 2, padding="SAME")) == []
    assert lowered_by(pool(ints(1, 4, 4, 2), (2, 2), 2, padding="SAME", backends=("webgl", "cpu"))) == []


def test_declines_sizes_of_the_run() -> None:
    assert "no such op" in refused(v2((1, 2, 2, 1), (1, 1, 1, 1), constant=(2,)))
