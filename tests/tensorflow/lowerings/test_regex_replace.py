"""Through the writer, which spells the pattern as JavaScript's: TensorFlow's patterns in a real browser, too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused
from table_draft import texts

HERE = ("cpu", "webgl")
"""Where the runtime has StaticRegexReplace."""

WORDS = texts("Hello, World!", "a\tB  c\n", "1 + 2 = 3$", "Straße 😀 é\x0b.", "", "AbAb")


def replace_in(pattern: str, rewrite: str = "", **more: Any) -> Example:
    words = (WORDS, texts(pattern, shape=()), texts(rewrite, shape=()))
    return one_op("RegexReplace", *words, constant=[1, 2], backends=HERE, **more)


CORNERS = (
    replace_in("[A-Z]", "_"),
    replace_in(r"\s+", " "),
    replace_in(r"\W", "-"),
    replace_in(r"[^\w\s]", "x"),
    replace_in("(.)b", r"<\1>"),
    replace_in(".", "."),
    replace_in(r"\S+", "$"),
    replace_in("[[:upper:]]+", "", replace_global=False),
    replace_in(r"(?P<first>\w)(?:\w*)", r"\1"),
    replace_in("[ßé]", "s"),
    replace_in("😀", ":-)"),
    replace_in(r"\d\D", r"\0!"),
    replace_in("a", "b", unknown={0: [0]}),
)
EXAMPLES = st.builds(
    replace_in,
    st.sampled_from(["[A-Z]", r"\W+", r"[^\w]", ".", r"\s", "b|B", "(?:Ab)+", r"[\s,!]"]),
    st.sampled_from(["", " ", "-", r"[\0]", "$1"]),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_op_with_an_attribute(example: Example) -> None:
    assert_right_in_tensorflow(example, "regex_replace")


@pytest.mark.parametrize("example", CORNERS[::4], ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "regex_replace")


def test_leaves_the_other_op_alone() -> None:
    assert lowered_by(one_op("StaticRegexReplace", WORDS, pattern="[A-Z]", rewrite="", backends=HERE)) == []


def test_refuses_what_javascript_can_not_say_and_a_pattern_that_is_computed() -> None:
    for pattern, rewrite in (("(?i)a", ""), (r"\pL", ""), ("a", "A")):
        assert "JavaScript has no such" in refused(replace_in(pattern, rewrite))
    words = (WORDS, texts("a", shape=()), texts("b", shape=()))
    assert "RegexReplace" in refused(one_op("RegexReplace", *words, constant=[2], backends=HERE))
