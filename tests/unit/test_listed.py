"""Names in a message: the first ones, and how many more."""

from __future__ import annotations

from tfjsci.listed import listed, plural


def test_as_many_as_may_be_are_named_and_the_rest_counted() -> None:
    assert listed("abc", 3) == "a, b, c"
    assert listed("abcd", 3) == "a, b, c and 1 more"
    assert listed((), 3) == ""


def test_between_semicolons_the_count_has_one_too() -> None:
    assert listed(["a: b, c", "d"], 2, between="; ") == "a: b, c; d"
    assert listed(["a: b, c", "d", "e"], 2, between="; ") == "a: b, c; d; and 1 more"


def test_one_is_one_and_none_are_several() -> None:
    assert [plural(count, "node") for count in (0, 1, 2)] == ["0 nodes", "1 node", "2 nodes"]
    assert plural(2, "is", "are") == "2 are"
