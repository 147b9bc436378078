"""Weights counted by the dtype that they are stored in."""

from __future__ import annotations

from tfjsci.artifact.artifact import WeightSummary
from tfjsci.artifact.tally import Tally


def test_by_dtype_in_the_alphabets_order() -> None:
    tally = Tally()
    assert tally.summaries() == ()
    tally.add("uint8", count=1, stored_bytes=64)
    tally.add("float32", count=1, stored_bytes=8)
    tally.add("uint8", count=1, stored_bytes=36)
    assert tally.summaries() == (
        WeightSummary(dtype="float32", count=1, stored_bytes=8),
        WeightSummary(dtype="uint8", count=2, stored_bytes=100),
    )


def test_parts_of_a_packed_weight_count_once_with_all_their_bytes() -> None:
    tally = Tally()
    tally.add("int4", count=0, stored_bytes=50)
    tally.add("int4", count=0, stored_bytes=10)
    tally.add("int4", count=1, stored_bytes=0)
    assert tally.summaries() == (WeightSummary(dtype="int4", count=1, stored_bytes=60),)
