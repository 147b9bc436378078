from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op


def conv(k: tuple[int, int, int], strides: tuple[int, int, int], size: tuple[int, int, int], seed: int = 0) -> Example:
    x, w = floats(2, *size, 2, seed=seed), floats(*k, 2, 3, seed=seed)
    return one_op("Conv3D", x, w, constant=[1], unknown={0: [0]}, strides=(1, *strides, 1), padding="SAME")


EXAMPLES = st.builds(
    lambda pair, blocks, rest, seed: conv((pair[0], 2, 3), (pair[1], 2, 1), (blocks * pair[1], *rest), seed),
    st.sampled_from([(1, 2), (2, 3), (1, 4)]),
    st.integers(1, 2),
    st.tuples(st.integers(3, 5), st.integers(3, 5)),
    st.integers(0, 99),
)
CORNERS = (conv((1, 1, 1), (2, 2, 2), (4, 4, 6)), conv((2, 2, 2), (3, 3, 1), (6, 5, 4)))


@FEW
@given(EXAMPLES)
def test_what_no_tap_meets_is_cut_off(example: Example) -> None:
    assert_right_in_tensorflow(example, "conv3d_same_padding")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_one_tap_and_padding_elsewhere(example: Example) -> None:
    assert_right_in_tensorflow(example, "conv3d_same_padding")


def test_leaves_alone_what_needs_every_value() -> None:
    assert lowered_by(conv((3, 3, 3), (2, 2, 2), (4, 5, 6))) == []
    assert lowered_by(conv((2, 2, 2), (2, 2, 2), (4, 4, 4))) == []


def test_leaves_alone_what_skips_an_even_number() -> None:
    assert lowered_by(conv((1, 1, 1), (3, 3, 3), (6, 6, 6))) == []
