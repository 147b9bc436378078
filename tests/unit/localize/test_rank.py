"""Weights ranked by what restoring each gains, and the smallest set that meets the limit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tfjsci.graph.graph import Array
from tfjsci.localize.localization import WeightRanking
from tfjsci.localize.rank import rank_weights

DRAW = np.random.default_rng(3)
FLOATS = {name: DRAW.normal(size=(16, 16)).astype(np.float32) for name in "abcd"}
NOISE = {"a": 0.001, "b": 0.3, "c": 0.01, "d": 0.1}
QUANTIZED = {
    name: (value + NOISE[name] * DRAW.normal(size=value.shape)).astype(np.float32) for name, value in FLOATS.items()
}
X = DRAW.normal(size=(32, 16)).astype(np.float32)


def outputs(values: Mapping[str, Array]) -> list[Array]:
    """Each weight has a share of the output of its own."""
    return [np.asarray(sum(X @ values[name] for name in "abcd")), np.asarray(X @ values["a"])]


def rank(limit_db: float, **options: object) -> WeightRanking:
    given: dict[str, object] = {"clock": lambda: 0.0}
    return rank_weights(
        outputs,
        floats=FLOATS,
        quantized=QUANTIZED,
        sources={"b": ("net/b",)},
        more_bytes=dict.fromkeys("abcd", 768),
        limit_db=limit_db,
        **{**given, **options},  # type: ignore[arg-type]
    )


def test_what_costs_most_comes_first() -> None:
    found = rank(40.0)
    assert [each.name for each in found.weights][:2] == ["b", "d"]
    first, *others = found.weights
    assert first.sources == ("net/b",)
    assert first.gain_db is not None
    assert first.gain_db > 5
    assert all(each.gain_db is not None and each.gain_db < 1 for each in others)


def test_as_many_are_taken_out_as_the_limit_needs_and_no_more() -> None:
    before = rank(0.0)
    assert (before.exclude, before.more_bytes, before.meets) == ((), 0, True)
    assert before.excluded == before.quantized
    assert before.quantized.sqnr_db is not None
    one = rank(before.quantized.sqnr_db + 3)
    assert (one.exclude, one.more_bytes, one.meets) == (("b",), 768, True)
    two = rank(40.0)
    assert (set(two.exclude), two.more_bytes, two.meets) == ({"b", "d"}, 2 * 768, True)


def test_all_of_them_where_even_that_falls_short() -> None:
    calls: list[int] = []

    def drifting(values: Mapping[str, Array]) -> list[Array]:
        """Something else than the weights is off in every run but the first."""
        calls.append(1)
        return [outputs(values)[0] + (len(calls) > 1)]

    found = rank_weights(
        drifting,
        floats=FLOATS,
        quantized=QUANTIZED,
        sources={},
        more_bytes=dict.fromkeys("abcd", 1),
        limit_db=80.0,
        clock=lambda: 0.0,
    )
    assert set(found.exclude) == set("abcd")
    assert not found.meets


def test_a_weight_that_turns_out_not_to_be_needed_is_put_back() -> None:
    """Alone each of two gains less than a third that they make useless together."""

    def tangled(values: Mapping[str, Array]) -> list[Array]:
        off = {name: float(values[name] is not FLOATS[name]) for name in "abc"}
        left, right = off["a"], off["b"]
        return [np.array([10.0 + max(left, right) * (1 + off["c"]) * 2])]

    found = rank_weights(
        tangled,
        floats={name: FLOATS[name] for name in "abc"},
        quantized={name: QUANTIZED[name] for name in "abc"},
        sources={},
        more_bytes=dict.fromkeys("abc", 1),
        limit_db=60.0,
        clock=lambda: 0.0,
    )
    assert found.weights[0].name == "c"
    assert set(found.exclude) == {"a", "b"}


def test_time_runs_out_for_the_smallest_weights() -> None:
    ticks = iter(range(1000))
    floats = {**FLOATS, "e": np.ones((2, 2), np.float32)}
    found = rank_weights(
        outputs,
        floats=floats,
        quantized={**QUANTIZED, "e": floats["e"]},
        sources={},
        more_bytes=dict.fromkeys("abcde", 1),
        limit_db=300.0,
        clock=lambda: float(next(ticks)),
        seconds=4,
    )
    assert (found.tried, found.total) == (4, 5)
    assert "e" not in {each.name for each in found.weights}
    assert not found.meets


def test_an_output_without_numbers_has_no_gain() -> None:
    def overflowing(values: Mapping[str, Array]) -> list[Array]:
        return [np.full(3, np.nan if values["b"] is not FLOATS["b"] else 1.0)]

    found = rank_weights(
        overflowing,
        floats=FLOATS,
        quantized=QUANTIZED,
        sources={},
        more_bytes=dict.fromkeys("abcd", 1),
        limit_db=20.0,
        clock=lambda: 0.0,
    )
    assert found.quantized.problem is not None
    assert found.weights[0].name == "b"
    assert found.weights[0].gain_db is None
    assert (found.exclude, found.meets) == (("b",), True)
