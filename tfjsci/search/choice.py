"""One option for each weight: the fewest bytes whose noise together stays within an allowance. Pure.

Noise powers add up, as the errors of two weights have nothing to do with each other; so this is a multiple-choice
knapsack. Of few weights all choices are looked at. Of more, steps are taken on the lower convex hull of each weight's options,
those first that save most bytes for the noise they add: that is the best there is but for one step's bytes, at most (Sinha and
Zoltners, The Multiple-Choice Knapsack Problem, 1979; as an allocation of bits: Shoham and Gersho, 1988). The room that is
left is filled with single moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one way to store a weight costs: ``size`` in bytes, and the ``noise`` power that it adds to the outputs."""

    size: int
    noise: float


FEW = 20_000
"""Choices that are all looked at: with few weights one step is a good part of all the bytes."""


class _Step(NamedTuple):
    """From one corner of a weight's hull to the next; ``worth`` is bytes saved for the noise added."""

    worth: float
    weight: int
    option: int


def choose(costs: Sequence[Sequence[Cost]], allowance: float) -> tuple[int, ...]:
    """Which option each weight takes, by its place in ``costs[weight]``.

    The noises of what is chosen add up to ``allowance`` at most. The same costs give the same choice.
    Raises ``ValueError`` when even the least noisy options make more noise than that.
    """
    chosen = [_quietest(options) for options in costs]
    room = allowance - noise_of(costs, chosen)
    if room < 0:
        raise ValueError(f"the least noisy options make {allowance - room:g} of noise, {allowance:g} is allowed")
    if math.prod(len(options) for options in costs) <= FEW:
        return _best_of_all(costs, allowance)
    steps = [step for weight, options in enumerate(costs) for step in _steps(weight, options, chosen[weight])]
    stopped: set[int] = set()
    for step in sorted(steps, key=lambda each: (-each.worth, each.weight, each.option)):
        now, then = costs[step.weight][chosen[step.weight]], costs[step.weight][step.option]
        if step.weight in stopped:
            continue
        if then.noise - now.noise > room:
            stopped.add(step.weight)  # the corners beyond are farther still
            continue
        room -= then.noise - now.noise
        chosen[step.weight] = step.option
    _fill(costs, chosen, allowance)
    return tuple(chosen)


def noise_of(costs: Sequence[Sequence[Cost]], chosen: Sequence[int]) -> float:
    """The noises of a choice together."""
    return sum(options[option].noise for options, option in zip(costs, chosen, strict=True))


def size_of(costs: Sequence[Sequence[Cost]], chosen: Sequence[int]) -> int:
    """The bytes of a choice together."""
    return sum(options[option].size for options, option in zip(costs, chosen, strict=True))


def _best_of_all(costs: Sequence[Sequence[Cost]], allowance: float) -> tuple[int, ...]:
    """The fewest bytes; of as many the least noise, and then the first."""
    sizes: npt.NDArray[np.int64] = np.zeros(1, np.int64)
    noises: npt.NDArray[np.float64] = np.zeros(1)
    for options in costs:
        sizes = (sizes[:, None] + np.array([option.size for option in options], np.int64)).reshape(-1)
        noises = (noises[:, None] + np.array([option.noise for option in options], np.float64)).reshape(-1)
    allowed = np.flatnonzero(noises <= allowance)
    least = allowed[sizes[allowed] == sizes[allowed].min()]
    place = int(least[np.argmin(noises[least])])
    return tuple(int(n) for n in np.unravel_index(place, [len(options) for options in costs])) if costs else ()


def _quietest(options: Sequence[Cost]) -> int:
    return min(range(len(options)), key=lambda n: (options[n].noise, options[n].size, n))


def _steps(weight: int, options: Sequence[Cost], start: int) -> list[_Step]:
    """Along the lower convex hull of (noise, size), from the least noisy option to the smallest; worth less from step to step."""
    corners = [start]
    for n in sorted(range(len(options)), key=lambda n: (options[n].noise, options[n].size, n)):
        if options[n].size >= options[corners[-1]].size:
            continue  # no smaller than what is less noisy
        while len(corners) > 1 and _worth(options, corners[-2], corners[-1]) <= _worth(options, corners[-2], n):
            corners.pop()
        corners.append(n)
    return [
        _Step(worth=_worth(options, before, after), weight=weight, option=after) for before, after in pairwise(corners)
    ]


def _worth(options: Sequence[Cost], before: int, after: int) -> float:
    added = options[after].noise - options[before].noise
    saved = options[before].size - options[after].size
    return saved / added if added else float("inf")


def _fill(costs: Sequence[Sequence[Cost]], chosen: list[int], allowance: float) -> None:
    """The single move that saves most bytes and has room, as long as there is one."""
    while True:
        room = allowance - noise_of(costs, chosen)
        moves = [
            (costs[weight][chosen[weight]].size - option.size, -option.noise, -weight, -n)
            for weight, options in enumerate(costs)
            for n, option in enumerate(options)
            if option.size < costs[weight][chosen[weight]].size
            and option.noise - costs[weight][chosen[weight]].noise <= room
        ]
        if not moves:
            return
        _, _, weight, n = max(moves)
        chosen[-weight] = -n
