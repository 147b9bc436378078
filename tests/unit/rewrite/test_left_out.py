"""Rules and lowerings left out by name."""

from __future__ import annotations

import pytest

from tfjsci.errors import UsageError
from tfjsci.rewrite.centred_streams import CENTRED_STREAMS
from tfjsci.rewrite.left_out import left_out, unknown_rule
from tfjsci.rewrite.loops_together import LOOPS_TOGETHER
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.pipeline import PRODUCT_BEFORE_LOOP, RULES, UNROLLED_LOOPS, names_of_rules


def test_rules_and_lowerings_can_be_left_out() -> None:
    assert left_out(["fuse_bias", "softsign", "fuse_bias"]) == {"fuse_bias", "softsign"}
    assert left_out([]) == frozenset()


def test_what_there_is_not_is_answered_with_what_may_be_meant() -> None:
    with pytest.raises(
        UsageError, match=r"no rule or lowering 'softsing' to leave out\. Did you mean .softsign."
    ) as refused:
        left_out(["fuse_bias", "softsing"])
    assert "tfjsci convert --explain" in str(refused.value.hint)
    assert unknown_rule("\x1b[2J") == "there is no rule or lowering '␛[2J' to leave out."


def test_no_lowering_has_the_name_of_a_rule() -> None:
    assert not {rule.name for rule in RULES} & {lowering.name for lowering in all_lowerings()}
    named = {rule.name for rule in RULES} | {lowering.name for lowering in all_lowerings()}
    wholes = (PRODUCT_BEFORE_LOOP, LOOPS_TOGETHER, UNROLLED_LOOPS, CENTRED_STREAMS)
    assert set(names_of_rules()) == named | {each.name for each in wholes}
