"""What was changed from one graph to another: by all the steps between them, and by no others."""

from __future__ import annotations

from tfjsci.graph.history import Changed, History


def test_nothing_was_changed_since_now() -> None:
    now = History(changed=Changed(nodes={"a"}))
    assert now.since(now) == Changed()


def test_all_the_steps_between_count_and_no_earlier_one() -> None:
    first = History(changed=Changed(nodes={"long ago"}))
    second = History(first, Changed(nodes={"a"}, read={"x"}))
    third = History(second, Changed(nodes={"b"}, tensors={"y:1"}))
    assert third.since(first) == Changed(nodes={"a", "b"}, read={"x"}, tensors={"y:1"})
    assert third.since(second) == Changed(nodes={"b"}, tensors={"y:1"})
    assert first.since(third) == third.since(first)


def test_where_two_ways_part_the_steps_of_both_count() -> None:
    first = History(changed=Changed(nodes={"long ago"}))
    one = History(first, Changed(nodes={"a"}))
    other = History(History(first, Changed(read={"x"})), Changed(nodes={"b"}))
    assert one.since(other) == other.since(one) == Changed(nodes={"a", "b"}, read={"x"})


def test_of_what_has_no_step_in_common_nothing_is_told() -> None:
    assert History().since(History()) is None
    assert History(History(), Changed(nodes={"a"})).since(History(changed=Changed(nodes={"a"}))) is None
