"""Outputs held to the manifest's thresholds, or to the built-in tolerances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.dtypes import Level
from tfjsci.escape import one_line
from tfjsci.manifest.resolved import Limits, ModelSpec, Thresholds
from tfjsci.verdict.judgement import PROBLEM, Judgement, Outcome, apart, limit_text, miss
from tfjsci.verdict.tolerances import (
    ZERO_REFERENCE_MAX_ABS,
    Tolerance,
    Tolerances,
    conversion_tolerances,
    quantized_tolerances,
)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """How a metric of fidelity is called, held and shown. ``floor``: the limit is the least allowed."""

    title: str
    floor: bool
    unit: str = ""

    digits: int = 3

    def missed(self, value: float, limit: float) -> bool:
        """Whether ``value`` is on the wrong side of ``limit``; on the limit is right."""
        return value < limit if self.floor else value > limit

    def show(self, value: float) -> str:
        """The number as reports have it."""
        return f"{value:.3g} dB" if self.unit == "dB" else f"{value:.{self.digits}g}"

    def limit(self, value: float) -> str:
        """A limit as round as it was written."""
        return limit_text(self.show(value))


METRICS = {
    "sqnr_db": Metric(title="SQNR", floor=True, unit="dB"),
    "cosine": Metric(title="cosine similarity", floor=True, digits=6),
    "top1": Metric(title="top-1 agreement", floor=True),
    "top5": Metric(title="top-5 agreement", floor=True),
    "max_abs": Metric(title="largest difference", floor=False),
    "max_relative": Metric(title="largest difference relative to the range", floor=False),
    "rmse": Metric(title="RMSE", floor=False),
}
_AGREEMENT = frozenset({"top1", "top5"})


def judge_fidelity(spec: ModelSpec, comparison: Comparison, random_inputs: bool) -> Iterator[Judgement]:
    """Each output of one comparison held to each limit there is for it; ``random_inputs``: none are real samples."""
    environment = comparison.environment
    if comparison.kind == "conversion":
        section, thresholds = "compare.conversion", spec.compare.conversion
        builtin = conversion_tolerances(environment.backend, environment.flags)
    else:
        section, thresholds = f"compare.quantized.{comparison.variant}", spec.compare.quantized[comparison.variant]
        dtype = next(each.dtype for each in spec.quantize if each.name == comparison.variant)
        builtin = quantized_tolerances(dtype, environment.backend, environment.flags)
    for output in comparison.outputs:
        case = _Case(
            spec=spec, comparison=comparison, output=output, section=section, builtin=builtin,
            random_inputs=random_inputs,
        )  # fmt: skip
        if output.problem is not None:
            yield case.problem(output.problem)
            continue
        for gate, limits in thresholds.named():
            yield from case.hold(gate, limits, _builtin(gate, thresholds, builtin, random_inputs))


def _builtin(gate: str, thresholds: Thresholds, builtin: Tolerances, random_inputs: bool) -> Tolerance | None:
    if gate == "sqnr_db":
        return builtin.sqnr_db
    if gate == "cosine":
        return builtin.cosine
    if gate == "top1" and not random_inputs and not any(limits.by_key for _, limits in thresholds.named()):
        return builtin.top1
    return None


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One output of one comparison, and what is known for judging it."""

    spec: ModelSpec
    comparison: Comparison
    output: OutputComparison
    section: str
    builtin: Tolerances
    random_inputs: bool

    @property
    def subject(self) -> str:
        against = "TensorFlow" if self.comparison.kind == "conversion" else "float"
        backend = self.comparison.environment.backend
        return (
            f"output '{one_line(self.output.output, 60)}' of {self.comparison.variant} on {backend} against {against}"
        )

    def problem(self, problem: str) -> Judgement:
        """An output that has no numbers."""
        return self._judgement(PROBLEM, self.section, "fail", "error", f"{self.subject}: {one_line(problem, 400)}")

    def hold(self, gate: str, limits: Limits, builtin: Tolerance | None) -> Iterator[Judgement]:
        """The judgement of one gate, if it has a limit and isn't off."""
        level = self.spec.level_of(gate)
        limit = limits.limit(self.comparison.environment.backend)
        bound = limit.value if limit else builtin.error if builtin else None
        if level == "off" or bound is None:
            return
        key = limit.key if limit else f"{self.section}.{gate} (default)"
        value: float | None = getattr(self.output, gate)
        if self.output.exact:
            reason = f"{self.subject} is the same, bit for bit"
            yield self._judgement(gate, key, "pass", level, reason, value=value, limit=bound)
        elif value is None:
            yield from self._without_number(gate, key, level, explicit=limit is not None)
        elif limit is not None:
            yield self._explicit(gate, key, level, value, limit.value)
        elif builtin is not None:
            yield self._default(gate, key, level, value, builtin)

    def _explicit(self, gate: str, key: str, level: Level, value: float, limit: float) -> Judgement:
        metric = METRICS[gate]
        missed = metric.missed(value, limit)
        reason = f"{self._measured(gate, value, limit)}, the limit is {metric.limit(limit)}"
        if missed and gate in _AGREEMENT and self.random_inputs:
            level = "warn"
            reason += (
                f"; only a warning: inputs are random, near ties make {metric.title} meaningless; "
                "give real samples under inputs:"
            )
        return self._judgement(gate, key, miss(missed, level), level, reason, value=value, limit=limit)

    def _default(self, gate: str, key: str, level: Level, value: float, builtin: Tolerance) -> Judgement:
        metric = METRICS[gate]
        # A share of a few samples proves little, so it fails only when all of its 95 % interval is below.
        proven = _wilson_upper(value, self.output.samples) if gate in _AGREEMENT else value
        if metric.missed(proven, builtin.error):
            limit, outcome, told = builtin.error, miss(True, level), ", the default limit is {}"
        elif metric.missed(value, builtin.error):
            limit, outcome, told = builtin.error, "warn", ", below the default limit of {}, which so few don't prove"
        elif builtin.warn is not None and metric.missed(value, builtin.warn):
            limit, outcome, told = builtin.warn, "warn", f", below the {{}} that {self.builtin.why}"
        else:
            limit, outcome, told = builtin.error, "pass", ", the default limit is {}"
        reason = self._measured(gate, value, limit) + told.format(metric.limit(limit))
        return self._judgement(gate, key, outcome, level, reason, value=value, limit=limit)

    def _without_number(self, gate: str, key: str, level: Level, *, explicit: bool) -> Iterator[Judgement]:
        if gate == "sqnr_db" and self.output.max_abs is not None:
            value, limit = self.output.max_abs, ZERO_REFERENCE_MAX_ABS
            reason = (
                f"{self.subject}: the reference is all zero, so there is no SQNR; "
                f"the largest difference is {value:.3g}, the limit there is {limit:g}"
            )
            outcome = miss(value > limit, level)
            yield self._judgement(gate, key, outcome, level, reason, value=value, limit=limit, unit="")
        elif explicit and not any(getattr(other, gate) is not None for other in self.comparison.outputs):
            # A limit of the user's that nothing was held against must not look like one that was kept.
            reason = f"{METRICS[gate].title} of {self.subject} has no number, so its limit wasn't held against anything"
            yield self._judgement(gate, key, "warn", "warn", reason)

    def _measured(self, gate: str, value: float, limit: float) -> str:
        metric = METRICS[gate]
        samples = f" ({self.output.samples} samples)" if gate in _AGREEMENT else ""
        return f"{metric.title} of {self.subject} is {apart(value, limit, metric.show, metric.unit)}{samples}"

    def _judgement(
        self,
        gate: str,
        key: str,
        outcome: Outcome,
        level: Level,
        reason: str,
        *,
        value: float | None = None,
        limit: float | None = None,
        unit: str | None = None,
    ) -> Judgement:
        return Judgement(
            gate=gate, key=key, outcome=outcome, level=level, reason=reason, value=value, limit=limit,
            variant=self.comparison.variant, backend=self.comparison.environment.backend, output=self.output.output,
            unit=unit if unit is not None else METRICS[gate].unit if gate in METRICS else "",
        )  # fmt: skip


def _wilson_upper(share: float, samples: int) -> float:
    """Upper end of the 95 % Wilson interval of a share seen in ``samples`` samples."""
    if samples <= 0:
        return share
    z = 1.96
    centre = share + z * z / (2 * samples)
    spread = z * sqrt(share * (1 - share) / samples + z * z / (4 * samples * samples))
    return (centre + spread) / (1 + z * z / samples)
