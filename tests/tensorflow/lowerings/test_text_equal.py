from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused
from table_draft import texts

WORDS = texts("a", "", "[UNK]", "b", "a", "ä", shape=(2, 3))

EXAMPLES = st.builds(
    lambda op, word, opened: one_op(op, WORDS, texts(word, shape=()), constant=[1], unknown={0: [0]} if opened else {}),
    st.sampled_from(["Equal", "NotEqual"]),
    st.sampled_from(["a", "", "[UNK]", "ä", "z"]),
    st.booleans(),
)
CORNERS = (
    one_op("Equal", WORDS, texts("a", shape=()), constant=[1]),
    one_op("NotEqual", texts("", shape=()), WORDS, constant=[0]),
    one_op("Equal", WORDS, texts("ä"), constant=[1]),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_look_up(example: Example) -> None:
    assert_right_in_tensorflow(example, "text_equal")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "text_equal")


def test_leaves_alone_numbers_and_backends_that_compare_texts_and_says_why_it_can_not() -> None:
    assert lowered_by(one_op("Equal", np.float32([1, 2]), np.float32(1), constant=[1])) == []
    assert lowered_by(one_op("Equal", WORDS, texts("a", shape=()), constant=[1], backends=["cpu"])) == []
    assert "Equal" in refused(one_op("Equal", WORDS, texts("a", "b", "c"), constant=[1]))
