"""The list of lowerings: each under the name of its file, with an equation, and about ops that TensorFlow spells so."""

from __future__ import annotations

import pytest

from tfjsci.rewrite.lowering import Lowering
from tfjsci.rewrite.lowerings import NAMES, all_lowerings


def test_each_is_named_like_its_file() -> None:
    assert [lowering.name for lowering in all_lowerings()] == list(NAMES)


@pytest.mark.parametrize("lowering", all_lowerings(), ids=lambda lowering: lowering.name)
def test_each_says_what_it_does(lowering: Lowering) -> None:
    assert lowering.ops
    assert "→" in lowering.equation
    assert "\n" not in lowering.equation + lowering.accuracy + lowering.limits
