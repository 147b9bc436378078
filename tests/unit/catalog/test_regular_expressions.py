from __future__ import annotations

import re

import pytest

from tfjsci.catalog.regular_expressions import OtherInJavaScriptError, pattern_in_javascript, rewrite_in_javascript

PAIRS = r"(?:[\ud800-\udbff][\udc00-\udfff]|"


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~']", r"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~']"),
        (r"a|b\d+\w{2,3}\b", r"a|b\d+\w{2,3}\b"),
        ("[A-Z]B", r"[\x41-\x5a]\x42"),
        (r"\s", r"[\t\n\f\r ]"),
        (r"[\sx]", r"[\t\n\f\r x]"),
        (r"\W", PAIRS + r"[^0-9a-z_\x41-\x5a])"),
        (".", PAIRS + r"[^\n])"),
        ("[^a]", PAIRS + "[^a])"),
        (r"\Aa\z", "^a$"),
        ("(?P<name>a)(?:b)", "(a)(?:b)"),
        ("[[:upper:][:digit:]]", r"[\x41-\x5a0-9]"),
        ("[]a]", r"[\]a]"),
        ("é", r"\u00e9"),
        (r"\x41\x{e9}", r"\x41\u00e9"),
        ("😀", r"(?:\ud83d\ude00)"),
    ],
)
def test_a_pattern_in_small_ascii_letters(pattern: str, wanted: str) -> None:
    assert pattern_in_javascript(pattern) == wanted
    assert wanted.isascii()
    assert not re.search(r"(?<!\\)[A-Z]", wanted)


@pytest.mark.parametrize("pattern", ["(?i)a", r"\pL", r"\Qa\E", "[😀]", r"\C", "[a", "[[:nothing:]]", r"[\W]"])
def test_what_javascript_has_not_is_refused(pattern: str) -> None:
    with pytest.raises(OtherInJavaScriptError):
        pattern_in_javascript(pattern)


@pytest.mark.parametrize(
    ("rewrite", "wanted"),
    [("", ""), ("a b", "a b"), (r"<\1>\2", "<$01>$02"), (r"\0", "$&"), ("$1", "$$1"), (r"\\", "\\")],
)
def test_groups_in_what_is_put_in(rewrite: str, wanted: str) -> None:
    assert rewrite_in_javascript(rewrite) == wanted


@pytest.mark.parametrize("rewrite", ["A", "é", r"\n"])
def test_what_the_runtime_can_not_put_in_is_refused(rewrite: str) -> None:
    with pytest.raises(OtherInJavaScriptError):
        rewrite_in_javascript(rewrite)
