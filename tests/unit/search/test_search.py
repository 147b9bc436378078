"""The search on a made-up model, whose noise is known: it meets its goal with about the fewest bytes, always the same ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.compare.comparison import OutputComparison
from tfjsci.errors import SearchFailed
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.goal import Goal
from tfjsci.search.search import Bounds, Choice, Search
from tfjsci.search.weight import Option, Weight

LADDER = (256, 128, 64, 32, 16, 8)


def weight(name: str, count: int) -> Weight:
    """Bits and error as uint8 has them: each halving of the levels saves a bit and makes four times the noise."""
    options = [Option(scheme=None, size=4 * count, error=0.0)]
    options += [
        Option(scheme=Scheme(name="uint8", levels=n), size=int(count * math.log2(n) / 8), error=count / n**2)
        for n in LADDER
    ]
    return Weight(names=(name,), options=tuple(options))


@dataclass
class Model:
    """``gains``: what a squared error of each weight makes of noise; ``bend``: how far noises are from adding up."""

    counts: tuple[int, ...]
    gains: tuple[float, ...]
    bend: float = 0.0
    runs: int = 0
    asked: list[Choice] = field(default_factory=list)

    @cached_property
    def weights(self) -> list[Weight]:
        return [weight(f"w{n}", count) for n, count in enumerate(self.counts)]

    def noise(self, choice: Choice) -> float:
        parts = [g * w.options[n].error for g, w, n in zip(self.gains, self.weights, choice, strict=True)]
        return sum(parts) * (1 + self.bend * math.sin(sum(choice)))

    def run(self, choice: Choice) -> tuple[OutputComparison, ...]:
        self.runs += 1
        self.asked.append(choice)
        noise = self.noise(choice)
        sqnr = -10 * math.log10(noise) if noise else None
        return (OutputComparison(output="y", shape=(1, 4), dtype="float32", exact=not noise, sqnr_db=sqnr, samples=1),)

    def size(self, choice: Choice) -> int:
        return sum(w.options[n].size for w, n in zip(self.weights, choice, strict=True))

    def search(self, sqnr_db: float = 25.0, **options: Any) -> Search:
        return Search(weights=self.weights, goal=Goal(limits={"sqnr_db": sqnr_db}), run=self.run, **options)

    def found(self, sqnr_db: float = 25.0, **options: Any) -> Search:
        search = self.search(sqnr_db, **options)
        search.measure()
        return search


NET = Model(counts=(800, 9000, 20000, 600), gains=(0.02, 0.0004, 0.0001, 0.05))


def best(model: Model, sqnr_db: float) -> int:
    choices = product(*(range(len(w.options)) for w in model.weights))
    return min(model.size(each) for each in choices if model.noise(each) <= 10 ** (-sqnr_db / 10))


@pytest.mark.parametrize("sqnr_db", [10.0, 25.0, 40.0])
def test_it_meets_its_goal_with_nearly_the_fewest_bytes(sqnr_db: float) -> None:
    found = NET.found(sqnr_db).best()
    assert found.value is not None
    assert found.value >= sqnr_db
    assert found.misses == ()
    assert best(NET, sqnr_db) <= found.size <= 1.01 * best(NET, sqnr_db)


def test_one_bit_less_anywhere_misses_the_goal() -> None:
    found = NET.found().best()
    for place, n in enumerate(found.choice):
        if n + 1 < len(NET.weights[place].options):
            coarser = (*found.choice[:place], n + 1, *found.choice[place + 1 :])
            assert NET.noise(coarser) > 10**-2.5


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(64, 5000), st.floats(1e-6, 1e-1)), min_size=1, max_size=3),
    st.floats(5, 45),
    st.floats(0, 0.3),
)
def test_it_meets_its_goal_also_where_noises_dont_quite_add_up(
    net: list[tuple[int, float]], sqnr_db: float, bend: float
) -> None:
    model = Model(counts=tuple(c for c, _ in net), gains=tuple(g for _, g in net), bend=bend)
    try:
        found = model.found(sqnr_db).best()
    except SearchFailed:
        singles = [(0,) * n + (1,) + (0,) * (len(net) - n - 1) for n in range(len(net))]
        assert all(model.noise(each) > 10 ** (-sqnr_db / 10) for each in singles)
        return
    assert model.noise(found.choice) <= 10 ** (-sqnr_db / 10)


def test_the_same_numbers_give_the_same_answer_in_the_same_runs() -> None:
    first, second = Model(NET.counts, NET.gains, bend=0.2), Model(NET.counts, NET.gains, bend=0.2)
    assert first.found().best() == second.found().best()
    assert first.asked == second.asked


def test_nothing_is_run_twice() -> None:
    model = Model(NET.counts, NET.gains)
    search = model.found()
    search.best()
    assert len(set(model.asked)) == model.runs == search.evaluations


@pytest.mark.parametrize("evaluations", [8, 12, 30])
def test_a_limit_of_evaluations_is_kept_and_the_goal_met(evaluations: int) -> None:
    """Of each weight one option, or two or five, is run; the others are reckoned from them."""
    model = Model(NET.counts, NET.gains)
    search = model.found(bounds=Bounds(evaluations=evaluations))
    found = search.best()
    assert model.runs <= evaluations
    assert model.noise(found.choice) <= 10**-2.5
    assert found.size < model.size((1, 1, 1, 1))


def test_a_limit_that_ends_it_is_told_and_one_that_doesnt_isnt() -> None:
    short, long = Model(NET.counts, NET.gains).found(bounds=Bounds(evaluations=8)), Model(NET.counts, NET.gains).found()
    short.best(), long.best()
    assert (short.stopped, long.stopped) == ("evaluations", None)


def clock_of(seconds_a_look: float) -> Callable[[], float]:
    time = [0.0]

    def clock() -> float:
        time[0] += seconds_a_look
        return time[0]

    return clock


def test_the_clock_ends_it_with_what_was_found() -> None:
    model = Model(NET.counts, NET.gains)
    search = model.found(bounds=Bounds(minutes=1), clock=clock_of(60 / 30))
    found = search.best()
    assert search.stopped == "minutes"
    assert model.noise(found.choice) <= 10**-2.5


def test_too_short_a_time_is_an_error_that_says_how_far_it_came() -> None:
    search = NET.search(bounds=Bounds(minutes=0.1), clock=clock_of(0.5))
    with pytest.raises(SearchFailed, match=r"0\.1 minutes were over after 2 of 4 weights"):
        search.measure()


def test_what_cant_be_met_names_the_nearest_miss() -> None:
    search = NET.found(sqnr_db=90.0)
    with pytest.raises(SearchFailed) as caught:
        search.best()
    assert caught.value.message == (
        "no combination of schemes meets the thresholds. The nearest, w2 as uint8 in 256 levels: "
        "SQNR of output 'y' is 45.2 dB, the limit is 90 dB"
    )


def test_what_can_just_be_met_is_found() -> None:
    assert NET.found(sqnr_db=45.1).best().misses == ()


def test_a_model_without_anything_to_quantise_says_so() -> None:
    search = Model(counts=(), gains=()).found()
    with pytest.raises(SearchFailed, match="gets smaller"):
        search.best()


def test_a_step_back_makes_clearly_less_noise_for_few_bytes() -> None:
    search = NET.found()
    first = search.best()
    second = search.quieter_than(first)
    third = search.quieter_than(second)
    assert second.noise <= 0.97 * first.noise
    assert third.noise <= 0.97 * second.noise
    assert first.size < second.size < third.size < 1.2 * first.size


def test_a_metric_that_no_output_has_is_an_error() -> None:
    search = Search(weights=NET.weights, goal=Goal(limits={"top1": 1.0}), run=NET.run)
    with pytest.raises(SearchFailed, match="no output has a number for top1"):
        search.measure()


@dataclass
class TwoHeads(Model):
    """Each of two weights has an output of its own; classes alone have a ``kl``, if ``has_kl``."""

    has_kl: bool = True

    def run(self, choice: Choice) -> tuple[OutputComparison, ...]:
        found = []
        for name, n, each in zip(("box", "classes"), choice, self.weights, strict=True):
            noise = each.options[n].error / 1000
            kl = noise if self.has_kl and name == "classes" and noise else None
            found.append(
                OutputComparison(
                    output=name, shape=(1, 4), dtype="float32", exact=not noise, samples=1, kl=kl,
                    sqnr_db=-10 * math.log10(noise) if noise else None,
                )
            )  # fmt: skip
        return tuple(found)


def test_a_metric_of_one_output_is_none_of_what_leaves_that_output_as_it_is() -> None:
    """The first weight that is tried alone changes the other output."""
    net = TwoHeads(counts=(1000, 1000), gains=(1.0, 1.0))
    search = Search(weights=net.weights, goal=Goal(limits={"kl": 1e-4}), run=net.run)
    search.measure()
    assert search.best().misses == ()
    deaf = replace(net, has_kl=False)
    search = Search(weights=deaf.weights, goal=Goal(limits={"kl": 1e-4}), run=deaf.run)
    with pytest.raises(SearchFailed, match="no output has a number for kl"):
        search.measure()
