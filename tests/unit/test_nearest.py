"""Did you mean …?"""

from __future__ import annotations

from tfjsci.nearest import did_you_mean


def test_a_name_that_is_near_is_asked_about() -> None:
    assert did_you_mean("serving_defualt", ["other", "serving_default"]) == ' Did you mean "serving_default"?'


def test_nothing_is_asked_when_none_is_near_or_there_is_none() -> None:
    assert did_you_mean("abc", ["xyz"]) == ""
    assert did_you_mean("abc", []) == ""
    assert did_you_mean("", ["x"]) == ""
