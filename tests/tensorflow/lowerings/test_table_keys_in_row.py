from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, shapes
from table_draft import look_up, texts

WORDS = texts("a", "bc", "ä€", "")


def drawn(shape: tuple[int, ...], seed: int, opened: bool) -> Example:
    picked = np.random.default_rng(seed).integers(0, 6, int(np.prod(shape)))
    sought = texts(*(("a", "bc", "ä€", "", "zz", "A")[i] for i in picked), shape=shape)
    return look_up(WORDS, np.int64([4, 3, 2, 1]), sought, -1, open_axes=[0] if opened else [])


EXAMPLES = st.builds(drawn, shapes(2, 3), st.integers(0, 99), st.booleans())
CORNERS = (
    look_up(WORDS, np.int64([4, 3, 2, 1]), texts("a", "x", "ä€", "bc", shape=(2, 2)), -1),
    look_up(WORDS, np.float32([4, 3, 2, 1]), texts("a", "", shape=(2, 1)), -1.5, open_axes=[0, 1]),
    look_up(WORDS, np.int64([4, 3, 2, 1]), texts("bc", shape=()), -1),
    look_up(np.int64([5, 7]), texts("five", "sieben"), np.int64([[7, 6], [5, 5]]), b"?", open_axes=[0]),
    look_up(WORDS, texts("w", "x", "y", "z"), texts("a", "zz", shape=(1, 2)), b""),
)


@FEW
@given(EXAMPLES)
def test_it_keeps_the_shape(example: Example) -> None:
    assert_right_in_tensorflow(example, "table_keys_in_row")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "table_keys_in_row")


def test_leaves_a_row_alone_that_comes_from_outside() -> None:
    assert lowered_by(look_up(WORDS, np.int64([4, 3, 2, 1]), texts("a", "b"), -1, open_axes=[0])) == []
