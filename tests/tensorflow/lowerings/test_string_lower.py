from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, one_op, refused
from table_draft import texts

HERE = ("cpu", "webgl")
"""Where the runtime has StaticRegexReplace."""

EXAMPLES = st.builds(
    lambda words: one_op("StringLower", texts(*words), backends=HERE),
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=1, max_size=4),
)
CORNERS = (
    one_op("StringLower", texts("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "xYz", "ÄÖ É €", "", shape=(2, 2)), backends=HERE),
    one_op("StringLower", texts("Ab", "cD"), unknown={0: [0]}, backends=HERE),
)


@FEW
@given(EXAMPLES)
def test_ascii_letters_become_small(example: Example) -> None:
    assert_right_in_tensorflow(example, "string_lower")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "string_lower")


def test_refuses_what_it_can_not_do() -> None:
    assert "StringLower" in refused(one_op("StringLower", texts("Ä"), encoding="utf-8", backends=HERE))
    assert "no kernel StaticRegexReplace" in refused(one_op("StringLower", texts("A")))
