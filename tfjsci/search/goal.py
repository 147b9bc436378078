"""What the search must reach: thresholds of a comparison, each held against every output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import Backend
from tfjsci.escape import one_line
from tfjsci.manifest.mixed_checks import GOALS
from tfjsci.manifest.resolved import ModelSpec, Thresholds
from tfjsci.metrics import METRICS
from tfjsci.verdict.tolerances import ZERO_REFERENCE_MAX_ABS


@dataclass(frozen=True, kw_only=True)
class Goal:
    """``limits`` by metric, as ``Thresholds`` has them: ``{"sqnr_db": 25.0}``; ``of_output``: those of single outputs, by name,
    in their place."""

    limits: Mapping[str, float]
    of_output: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """The one that curves are drawn of: the first."""
        return next(name for limits in (self.limits, *self.of_output.values()) for name in limits)

    def misses(self, outputs: Sequence[OutputComparison]) -> tuple[str, ...]:
        """What isn't reached, a sentence each; nothing when all is."""
        broken = [f"output '{one_line(each.output, 60)}': {each.problem}" for each in outputs if each.problem]
        return tuple(broken) or tuple(
            f"{METRICS[name].title} of output '{one_line(each.output, 60)}' is {METRICS[name].show(value)}, "
            f"the limit is {METRICS[name].limit(limit)}"
            for each in outputs
            for name, limit in self.of_output.get(each.output, self.limits).items()
            if (value := _value(each, name)) is not None and METRICS[name].missed(value, limit)
        )

    def worst(self, outputs: Sequence[OutputComparison]) -> float | None:
        """The worst output's value of :attr:`metric`; None where there is none: all is exact, or has no numbers."""
        numbers: list[float | None] = [getattr(each, self.metric) for each in outputs]
        values = [value for value in numbers if value is not None]
        if not values or any(each.problem for each in outputs):
            return None
        return min(values) if METRICS[self.metric].floor else max(values)

    def measured(self, outputs: Sequence[OutputComparison]) -> frozenset[str]:
        """The metrics that some output has a number of: those alone can be held to their limits."""
        return frozenset(name for name in self.limits if any(_value(each, name) is not None for each in outputs))

    def first_allowance(self) -> float:
        """A guess at the noise, as a share of the signal's power, with which the limits are just kept."""
        limits = [item for each in (self.limits, *self.of_output.values()) for item in each.items()]
        guesses = [10 ** (-limit / 10) for name, limit in limits if name == "sqnr_db"]
        # cos a = 1 / sqrt(1 + noise / signal) for noise that has nothing to do with the signal
        guesses += [1 / limit**2 - 1 for name, limit in limits if name == "cosine" and 0 < limit < 1]
        return min(guesses, default=10**-2.5)


def _value(output: OutputComparison, name: str) -> float | None:
    """The number that a limit is held against."""
    value: float | None = getattr(output, name)
    if output.exact:
        return None
    if name == "sqnr_db" and value is None and output.max_abs is not None:
        # the reference is all zero: as judging has it, what is nearly zero will do, and anything else has no signal
        return math.inf if output.max_abs <= ZERO_REFERENCE_MAX_ABS else -math.inf
    return value


def noise_in(outputs: Sequence[OutputComparison]) -> float:
    """The noise of the worst output, as a share of its signal's power; infinite where there are no numbers."""
    return max((_noise(each) for each in outputs), default=0.0)


def _noise(output: OutputComparison) -> float:
    if output.problem is not None:
        return math.inf
    if output.exact:
        return 0.0
    if output.sqnr_db is None:
        return 0.0 if (output.max_abs or 0.0) <= ZERO_REFERENCE_MAX_ABS else math.inf
    return 10 ** (-output.sqnr_db / 10)


def goal_of(spec: ModelSpec, variant: str, backends: Sequence[Backend] | None = None) -> Goal:
    """The thresholds that a variant is held to, of each the strictest of ``backends`` (None: the model's).

    What is off isn't among them, nor what TensorFlow alone can't tell: accuracy, and metrics of the user's.
    """
    thresholds = spec.compare.quantized[variant]
    wanted = spec.backends if backends is None else backends
    return Goal(
        limits=_limits(spec, thresholds, wanted),
        of_output={name: _limits(spec, thresholds.of_output(name), wanted) for name in thresholds.outputs},
    )


def _limits(spec: ModelSpec, thresholds: Thresholds, backends: Sequence[Backend]) -> dict[str, float]:
    limits: dict[str, float] = {}
    for gate in GOALS:
        found = [limit for backend in backends if (limit := getattr(thresholds, gate).limit(backend)) is not None]
        values = [each.value for each in found if (each.level or spec.level_of(gate)) != "off"]
        if values:
            limits[gate] = max(values) if METRICS[gate].floor else min(values)
    return limits
