from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, shapes
from table_draft import look_up, texts


def drawn(shape: tuple[int, ...], seed: int, count: int, key: str, value: str) -> Example:
    spread = 9 if seed % 2 else count  # every number, or some of them
    generator = np.random.default_rng(seed)
    keys = (generator.choice(spread * 2, min(count, spread * 2), replace=False) - spread).astype(key)
    values = (10 * floats(len(keys), seed=seed)).astype(value)
    return look_up(keys, values, ints(*shape, seed=seed).astype(key), 7)


EXAMPLES = st.builds(
    drawn,
    shapes(0, 3),
    st.integers(0, 99),
    st.integers(1, 9),
    st.just("int64"),
    st.sampled_from(["int32", "int64", "float32"]),
)
KEYS, VALUES = np.int64([3, -5, 9]), np.float32([0.5, 1.5, -2.5])
CORNERS = (
    look_up(KEYS, VALUES, np.int64([[9, -5], [4, 3]]), -1.0),
    look_up(KEYS, VALUES, np.int64([-6, 10, 2**24]), -1.0),
    look_up(KEYS, VALUES, np.int64([[9, -5], [4, 3]]), -1.0, open_axes=[0]),
    look_up(KEYS, VALUES, np.int64(9), -1.0),
    look_up(np.int64([7, 5, 6]), np.int64([10, 20, 30]), np.int64([4, 5, 6, 7, 8]), -1, open_axes=[0]),
    look_up(np.int32([2, 5, 11]), np.int32([10, 20, 30]), np.int32([5, 4]), -1),
    look_up(np.int64([8]), np.int64([4]), np.int64([[8, 9]]), 0),
    look_up(KEYS[:0], VALUES[:0], np.int64([[9], [3]]), 0.5, open_axes=[0]),
)


@FEW
@given(EXAMPLES)
def test_it_finds_what_is_there(example: Example) -> None:
    assert_right_in_tensorflow(example, "table_of_numbers")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "table_of_numbers")


def test_leaves_tables_of_strings_alone() -> None:
    words = texts("a", "b", "c")
    assert lowered_by(look_up(words, np.int64([1, 2, 3]), texts("b"), 0)) == []
    assert lowered_by(look_up(np.int64([1, 2, 3]), words, np.int64([2]), b"?")) == []
