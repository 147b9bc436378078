from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, one_op, refused
from table_draft import texts

HERE = ("cpu", "webgl", "wasm")
BLANK = texts("", shape=())


def split(*words: str, **more: object) -> Example:
    return one_op("StringSplitV2", texts(*words), BLANK, constant=[1], outputs=3, backends=HERE, **more)


EXAMPLES = st.builds(
    lambda words: split(*words),
    st.lists(st.text("ab \t\n\r\x0b\x0cé", max_size=9), min_size=1, max_size=4).filter(
        lambda words: any(map(str.split, words))
    ),
)
CORNERS = (
    split("the quick  fox", " a\tb ", "", "\n\r\x0b\x0c"),
    split("eins zwei", "drei", unknown={0: [0]}),
    split("one"),
)


@FEW
@given(EXAMPLES)
def test_it_splits_at_blanks(example: Example) -> None:
    assert_right_in_tensorflow(example, "string_split")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "string_split")


def test_refuses_separators_and_a_limit() -> None:
    comma = one_op("StringSplitV2", texts("a,b"), texts(",", shape=()), constant=[1], outputs=3, backends=HERE)
    assert "StringSplitV2" in refused(comma)
    assert "StringSplitV2" in refused(split("a b c", maxsplit=1))
    assert "no kernel StringSplit" in refused(
        one_op("StringSplitV2", texts("a b"), BLANK, constant=[1], outputs=3, backends=["webgpu"])
    )
