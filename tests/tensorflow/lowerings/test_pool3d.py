from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, rewritten


def pool(
    op: str,
    k: tuple[int, int, int],
    strides: tuple[int, int, int],
    padding: str,
    *,
    size: tuple[int, int, int] = (4, 5, 6),
    seed: int = 0,
    unknown: tuple[int, ...] = (),
) -> Example:
    x = floats(2, *size, 3, seed=seed, low=-5, high=-1)
    return one_op(op, x, unknown={0: unknown}, ksize=(1, *k, 1), strides=(1, *strides, 1), padding=padding)


TRIPLE = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
EXAMPLES = st.builds(
    pool,
    st.just("MaxPool3D"),
    TRIPLE,
    TRIPLE,
    st.sampled_from(["SAME", "VALID"]),
    size=st.tuples(st.integers(3, 5), st.integers(3, 5), st.integers(3, 5)),
    seed=st.integers(0, 99),
)
CORNERS = (
    pool("MaxPool3D", (2, 2, 2), (2, 2, 2), "VALID", unknown=(0,)),
    pool("MaxPool3D", (2, 2, 2), (2, 2, 2), "SAME", unknown=(0, 1, 2, 3)),
    pool("MaxPool3D", (2, 1, 1), (2, 1, 1), "VALID"),
    pool("AvgPool3D", (1, 1, 1), (2, 3, 4), "SAME"),
    pool("AvgPool3D", (2, 3, 3), (3, 2, 2), "SAME", size=(6, 5, 4)),
    pool("AvgPool3D", (1, 2, 3), (2, 2, 2), "SAME", unknown=(0,)),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_pool_over_height_and_width_and_one_over_depth(example: Example) -> None:
    assert_right_in_tensorflow(example, "pool3d")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_averages_where_a_stride_skips_values(example: Example) -> None:
    assert_right_in_tensorflow(example, "pool3d")


def test_a_pool_that_would_do_nothing_is_left_out() -> None:
    graph = rewritten(pool("MaxPool3D", (2, 1, 1), (2, 1, 1), "VALID")).graph
    assert [node.op for node in graph].count("MaxPool") == 1


def test_leaves_right_ones_alone() -> None:
    assert lowered_by(pool("AvgPool3D", (2, 2, 2), (2, 2, 2), "SAME")) == []
    x = floats(1, 4, 4, 4, 2)
    attrs = {"ksize": (1, 2, 2, 2, 1), "strides": (1, 2, 2, 2, 1), "padding": "VALID"}
    assert lowered_by(one_op("MaxPool3D", x, backends=("webgl", "webgpu", "cpu"), **attrs)) == []  # type: ignore[arg-type]
