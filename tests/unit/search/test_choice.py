"""The choice is within its allowance, and within one step of the best there is: held against brute force."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.search import choice
from tfjsci.search.choice import Cost, choose, noise_of, size_of

COSTS = st.lists(
    st.lists(
        st.builds(
            lambda size, noise: Cost(size=size, noise=noise / 8), size=st.integers(1, 60), noise=st.integers(0, 80)
        ),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


def costs(*weights: tuple[tuple[int, float], ...]) -> list[list[Cost]]:
    return [[Cost(size=size, noise=noise) for size, noise in options] for options in weights]


def test_by_hand() -> None:
    """The second weight saves 30 bytes for one of noise, the first 20 for two: with room for two, the second goes first."""
    table = costs(((40, 0.0), (20, 2.0)), ((50, 0.0), (20, 1.0)))
    assert choose(table, 0.0) == (0, 0)
    assert choose(table, 2.0) == (0, 1)
    assert choose(table, 3.0) == (1, 1)


def test_an_option_that_is_larger_and_noisier_is_never_taken() -> None:
    assert choose(costs(((10, 0.0), (30, 1.0), (5, 2.0))), 1.5) == (0,)
    assert choose(costs(((10, 0.0), (30, 1.0), (5, 2.0))), 2.0) == (2,)


def test_the_room_that_is_left_is_filled_with_what_lies_inside_of_the_hull(monkeypatch: pytest.MonkeyPatch) -> None:
    """30 bytes at 3 isn't on the hull of 40 at 0 and 0 at 4, but it is all there is room for."""
    monkeypatch.setattr(choice, "FEW", 0)
    table = costs(((40, 0.0), (30, 3.0), (0, 4.0)))
    assert choose(table, 3.5) == (1,)


def test_too_little_allowance_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"make 1 of noise, 0\.5 is allowed"):
        choose(costs(((10, 1.0), (5, 2.0))), 0.5)


def test_equal_options_give_the_first() -> None:
    table = costs(((10, 1.0), (10, 1.0)), ((10, 1.0), (10, 1.0)))
    assert choose(table, 9.0) == (0, 0)


@given(COSTS, st.integers(0, 200), st.sampled_from([0, choice.FEW]))
def test_it_is_within_the_allowance_and_one_step_of_the_best(table: list[list[Cost]], eighths: int, few: int) -> None:
    """Of few weights it is the best."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "FEW", few)
        _within_one_step(table, eighths, steps=few == 0)


def _within_one_step(table: list[list[Cost]], eighths: int, *, steps: bool) -> None:
    least = sum(min(option.noise for option in options) for options in table)
    allowance = least + eighths / 8
    chosen = choose(table, allowance)
    assert noise_of(table, chosen) <= allowance
    allowed = [
        each for each in product(*(range(len(options)) for options in table)) if noise_of(table, each) <= allowance
    ]
    best = min(size_of(table, each) for each in allowed)
    one_step = max(max(o.size for o in options) - min(o.size for o in options) for options in table) if steps else 0
    assert best <= size_of(table, chosen) <= best + one_step


@given(COSTS)
def test_with_all_the_allowance_there_is_it_is_the_smallest(table: list[list[Cost]]) -> None:
    everything = sum(max(option.noise for option in options) for options in table)
    assert size_of(table, choose(table, everything)) == sum(min(o.size for o in options) for options in table)
