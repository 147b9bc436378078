"""The search: how much noise each weight's options make, the combination that is predicted to do, and then its neighbours.

What is run is handed in, so nothing here knows of TensorFlow. The same numbers give the same answer: what bounds the search is a
count of runs; the clock only ends one that takes longer than it may.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tfjsci.compare.comparison import OutputComparison
from tfjsci.errors import SearchFailed
from tfjsci.listed import listed
from tfjsci.search.choice import Cost, choose, noise_of, size_of
from tfjsci.search.found import Stopped
from tfjsci.search.goal import Goal, noise_in
from tfjsci.search.names import label
from tfjsci.search.noise import interpolated, spread
from tfjsci.search.weight import Weight

log = logging.getLogger("tfjsci")

Choice = tuple[int, ...]
"""The option of each weight."""

Run = Callable[[Choice], tuple[OutputComparison, ...]]
"""The model with its weights in these options against the float model, both in TensorFlow."""

Say = Callable[[str], None]
"""Told what is being done now."""

SENSITIVITY_SHARE = 0.7
"""Of the evaluations: a combination can't be chosen well without, and twenty or so are enough to find and refine it."""

BISECTIONS = 6
"""Halvings of the last factor of 4 of allowed noise, 6 dB: 0.1 dB is left."""

REACH = 12
"""How often the allowance is multiplied by 4, or divided: over 70 dB."""

MOST_OPTIONS = 7
"""Options of a weight that are run alone; noise between them is no surprise."""

MOVES = 8
"""Moves that are tried from one combination before it is taken for the best: the first are the likeliest."""

MOST_PAIRS = 100_000
"""Of more weights a pair's exchange saves next to nothing, and there are too many to look at."""

LEAST_BETTER = 0.97
"""A step back makes this much less noise at most: 0.13 dB, more than float32 on another backend differs."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """``evaluations``: combinations that are run, at most. ``minutes``: when it ends in any case."""

    evaluations: int = 400
    minutes: float = 10.0

    @property
    def most_weights(self) -> int:
        """So many can each be run at least once."""
        return max(1, int(self.evaluations * SENSITIVITY_SHARE))


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A combination that was run: ``size`` of its weights in brotli bytes, and what its outputs are held against float's."""

    choice: Choice
    size: int
    noise: float
    value: float | None
    misses: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, float, Choice]:
        """The smallest first; of equals that with less noise."""
        return self.size, self.noise, self.choice


class _OutOfRunsError(Exception):
    """A bound is reached."""


@dataclass
class Search:
    """One model, one goal. ``clock`` is in seconds."""

    weights: Sequence[Weight]
    goal: Goal
    run: Run
    bounds: Bounds = field(default_factory=Bounds)
    say: Say = lambda _: None
    clock: Callable[[], float] = time.monotonic
    stopped: Stopped | None = None
    evaluations: int = 0
    tried: dict[Choice, Tried] = field(default_factory=dict)
    costs: list[list[Cost]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ends = self.clock() + 60 * self.bounds.minutes
        self._measured: frozenset[str] = frozenset()
        self._sizes = [[Cost(size=option.size, noise=0.0) for option in weight.options] for weight in self.weights]

    @property
    def exact(self) -> Choice:
        """All weights as they are."""
        return (0,) * len(self.weights)

    def measure(self) -> None:
        """The noise of each weight's options, each alone; where that is too many runs, of some, and the others in proportion.

        Raises ``SearchFailed`` when the time is up before each weight was looked at.
        """
        runs = int(self.bounds.evaluations * SENSITIVITY_SHARE) // max(1, len(self.weights))
        for place, weight in enumerate(self.weights):
            quantised = range(1, len(weight.options))
            measured = {}
            for n in spread(min(MOST_OPTIONS, max(1, runs)), len(quantised)):
                self.say(f"weight {place + 1} of {len(self.weights)}: {weight.names[0]}")
                option = quantised[n]
                choice = (*self.exact[:place], option, *self.exact[place + 1 :])
                try:
                    measured[option] = self._try(choice).noise
                except _OutOfRunsError:
                    raise SearchFailed(
                        f"the search's {self.bounds.minutes:g} minutes were over after {place} of {len(self.weights)} weights",
                        hint="Raise minutes: of auto, give fewer samples, or lower evaluations:.",
                    ) from None
            noises = interpolated([option.error for option in weight.options], measured or {0: 0.0})
            self.costs.append([Cost(size=o.size, noise=noise) for o, noise in zip(weight.options, noises, strict=True)])
        if any(each.noise for each in self.tried.values()):
            self._require_measured()

    def _require_measured(self) -> None:
        """Raise ``SearchFailed`` for a metric that no output has had a number of: whatever is tried, nothing misses its limit.

        An output that has been exact so far may be the one that has; when each weight was tried, all that can differ have.
        """
        if missing := [name for name in self.goal.limits if name not in self._measured]:
            raise SearchFailed(
                f"no output has a number for {', '.join(missing)}, so the search can't hold anything to it",
                hint="top1 and top5 need real samples and an output of classes, kl one of probabilities; "
                "sqnr_db works for all floats.",
            )

    def best(self) -> Tried:
        """The smallest combination found that meets the goal. Raises ``SearchFailed`` with the nearest miss when none does."""
        try:
            plain = self._without_initializer()
            for costs in (self.costs, plain) if plain != self.costs else (plain,):
                self._bisect(costs)  # of more options the prediction is less exact, and may miss what fewer find
            self._refine()
        except _OutOfRunsError:
            log.info("the search's limit of %s is reached; what was found until then is found", self.stopped)
        found = self._met()
        if not found:
            raise self._unreachable()
        return found[0]

    def quieter_than(self, missed: Tried) -> Tried:
        """The smallest combination with clearly less noise than one that the browser refused. Raises ``SearchFailed``."""
        wanted = LEAST_BETTER * missed.noise
        try:
            for factor in (0.9, 0.8, 0.65, 0.5):
                self._try(choose(self.costs, factor * noise_of(self.costs, missed.choice)))
        except _OutOfRunsError:
            log.info("the search's limit of %s is reached while stepping back", self.stopped)
        found = [each for each in self._met() if each.noise <= wanted]
        if not found:
            raise self._unreachable()
        return found[0]

    def _try(self, choice: Choice) -> Tried:
        if choice in self.tried:
            return self.tried[choice]
        if self.evaluations >= self.bounds.evaluations:
            self.stopped = "evaluations"
            raise _OutOfRunsError
        if self.clock() > self._ends:
            self.stopped = "minutes"
            raise _OutOfRunsError
        self.evaluations += 1
        outputs = self.run(choice)
        self._measured |= self.goal.measured(outputs)
        if all(not each.exact and each.problem is None for each in outputs):
            self._require_measured()
        made = Tried(
            choice=choice,
            size=size_of(self._sizes, choice),
            noise=noise_in(outputs),
            value=self.goal.worst(outputs),
            misses=self.goal.misses(outputs),
        )
        self.tried[choice] = made
        return made

    def _met(self) -> list[Tried]:
        """What quantises something and meets the goal, the smallest first."""
        return sorted(
            (each for each in self.tried.values() if any(each.choice) and not each.misses), key=lambda each: each.rank
        )

    def _bisect(self, costs: Sequence[Sequence[Cost]]) -> None:
        """The largest allowance whose combination meets the goal: first its order of magnitude, then its value."""
        smallest = choose(costs, sum(max(o.noise for o in options if o.noise < math.inf) for options in costs))
        allowance = self.goal.first_allowance()
        met: float | None = None
        missed: float | None = None
        for _ in range(REACH):
            if self._allowed(costs, allowance):
                met = allowance
                if missed is not None or smallest == choose(costs, allowance):
                    break
                allowance *= 4
            else:
                missed = allowance
                if met is not None or not any(choose(costs, allowance)):
                    break
                allowance /= 4
        if met is None or missed is None:
            return
        for _ in range(BISECTIONS):
            middle = (met * missed) ** 0.5
            if self._allowed(costs, middle):
                met = middle
            else:
                missed = middle

    def _without_initializer(self) -> list[list[Cost]]:
        """The costs where what needs an initializer makes endless noise."""
        return [
            [
                replace(cost, noise=math.inf) if option.scheme and option.scheme.needs_initializer else cost
                for option, cost in zip(weight.options, costs, strict=True)
            ]
            for weight, costs in zip(self.weights, self.costs, strict=True)
        ]

    def _allowed(self, costs: Sequence[Sequence[Cost]], allowance: float) -> bool:
        choice = choose(costs, allowance)
        self.say(f"combination of {size_of(self._sizes, choice)} bytes")
        return not any(choice) or not self._try(choice).misses

    def _refine(self) -> None:
        """From the best to a smaller neighbour that meets the goal, as long as one is found among the likeliest."""
        while found := self._met():
            best = found[0]
            for moves in (self._predicted_to_do(best), self._coarser(best)):
                untried = [choice for choice in moves if choice not in self.tried][:MOVES]
                for choice in untried:
                    self.say(f"combination of {size_of(self._sizes, choice)} bytes")
                    if not self._try(choice).misses:
                        break
            if self._met()[0] is best:
                return

    def _predicted_to_do(self, best: Tried) -> list[Choice]:
        """One weight coarser, or one coarser and another a step finer: what saves most first, of what is predicted to be no
        noisier than the quietest combination that missed."""
        most = min((each.noise for each in self.tried.values() if each.misses and any(each.choice)), default=math.inf)
        predicted = noise_of(self.costs, best.choice)
        ratio = best.noise / predicted if predicted else 1.0
        coarser = [(place, n) for place, now in enumerate(best.choice) for n in range(now + 1, len(self.costs[place]))]
        finer: list[tuple[int, int] | None] = [
            None,
            *((place, now - 1) for place, now in enumerate(best.choice) if now),
        ]
        if len(coarser) * len(finer) > MOST_PAIRS:
            finer = [None]
        moves = []
        for place, n in coarser:
            for other in finer:
                if other is not None and other[0] == place:
                    continue
                steps = [(place, n), *([other] if other else [])]
                saved = sum(self._cost(best, at).size - self.costs[at][to].size for at, to in steps)
                added = sum(self.costs[at][to].noise - self._cost(best, at).noise for at, to in steps)
                if saved > 0 and best.noise + ratio * added < most:
                    moves.append((-saved, added, steps))
        return [_moved(best.choice, steps) for _, _, steps in sorted(moves)]

    def _coarser(self, best: Tried) -> list[Choice]:
        """One weight coarser, what saves most for the noise that it adds first: predictions may be wrong."""
        moves = []
        for place, now in enumerate(best.choice):
            for n in range(now + 1, len(self.costs[place])):
                saved = self._cost(best, place).size - self.costs[place][n].size
                added = self.costs[place][n].noise - self._cost(best, place).noise
                moves.append((-saved / max(added, 1e-30), place, n))
        return [_moved(best.choice, [(place, n)]) for _, place, n in sorted(moves)]

    def _cost(self, tried: Tried, place: int) -> Cost:
        return self.costs[place][tried.choice[place]]

    def _unreachable(self) -> SearchFailed:
        """The nearest miss: what made least noise of all that was run."""
        missed = [each for each in self.tried.values() if any(each.choice) and each.misses]
        if not missed:
            return SearchFailed(
                "no weight of this model gets smaller by being quantised",
                hint="Weights of two dimensions and 64 elements are looked at, or those that include: names.",
            )
        nearest = min(missed, key=lambda each: (each.noise, each.size, each.choice))
        told = [
            f"{weight.names[0]} as {label(weight.options[n].scheme)}"
            for weight, n in zip(self.weights, nearest.choice, strict=True)
            if n
        ]
        return SearchFailed(
            f"no combination of schemes meets the thresholds. The nearest, {listed(told, 3)}: {nearest.misses[0]}",
            hint="Ask for less, or, in a manifest, for less of single outputs: `compare: {quantized: {auto: {outputs: …}}}`.",
        )


def _moved(choice: Choice, steps: Sequence[tuple[int, int]]) -> Choice:
    moved = list(choice)
    for place, n in steps:
        moved[place] = n
    return tuple(moved)
