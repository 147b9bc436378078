"""Outputs held to the manifest's thresholds, or to the built-in tolerances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.compare.wilson import samples_to_prove, wilson_interval
from tfjsci.dtypes import Level
from tfjsci.escape import one_line
from tfjsci.manifest.resolved import Limit, Limits, ModelSpec, Thresholds
from tfjsci.metrics import METRICS, Metric
from tfjsci.verdict.judgement import PROBLEM, Judgement, Outcome, apart, miss
from tfjsci.verdict.tolerances import (
    ZERO_REFERENCE_MAX_ABS,
    Tolerance,
    Tolerances,
    conversion_tolerances,
    quantized_tolerances,
)

_AGREEMENT = frozenset({"top1", "top5"})
_LABELLED = frozenset({"accuracy", "accuracy_drop"})
"""About the labels: not settled by both sides being the same."""
OWN_METRIC = "metric"
"""The gate of the user's own metrics."""


def judge_fidelity(spec: ModelSpec, comparison: Comparison, random_inputs: bool) -> Iterator[Judgement]:
    """Each output of one comparison held to each limit there is for it; ``random_inputs``: none are real samples."""
    section, thresholds, builtin = _held_to(spec, comparison)
    for output in comparison.outputs:
        own = thresholds.of_output(output.output)
        case = _Case(
            spec=spec, comparison=comparison, output=output, section=section, builtin=builtin,
            random_inputs=random_inputs, own=thresholds.outputs.get(output.output),
        )  # fmt: skip
        limited = any(limits.by_key for _, limits in own.named()) or bool(own.metric)
        if output.problem is not None:
            # Between backends it is only told, as nothing else there is held to anything unasked.
            if comparison.kind != "backends" or limited:
                yield case.problem(output.problem)
            continue
        if output.nothing_finite:
            yield from case.nothing_finite(own.sqnr_db)
            continue
        for gate, limits in own.named():
            yield from case.hold(gate, limits, _builtin(gate, limited, builtin, random_inputs))
        for name, limits in own.metric.items():
            yield from case.hold_own(name, limits)


def _held_to(spec: ModelSpec, comparison: Comparison) -> tuple[str, Thresholds, Tolerances | None]:
    """Where the manifest says what this comparison is held to, what it says, and what holds where it says nothing."""
    environment = comparison.environment
    builtin: Tolerances | None
    if comparison.kind == "conversion":
        builtin = conversion_tolerances(environment.backend, environment.flags, comparison.narrow)
        return "compare.conversion", spec.compare.conversion, builtin
    if comparison.kind == "backends":
        return "compare.backends", spec.compare.backends or Thresholds(), None
    scheme = next(each.scheme for each in spec.quantize if each.name == comparison.variant)
    # several schemes, and what was searched for, are held to what is asked of them
    builtin = quantized_tolerances(scheme, environment.backend, environment.flags) if scheme else None
    return f"compare.quantized.{comparison.variant}", spec.compare.quantized[comparison.variant], builtin


def _builtin(gate: str, limited: bool, builtin: Tolerances | None, random_inputs: bool) -> Tolerance | None:
    if builtin is None:
        return None
    if gate == "sqnr_db":
        return builtin.sqnr_db
    if gate == "cosine":
        return builtin.cosine
    if gate == "top1" and not random_inputs and not limited:
        return builtin.top1
    return None


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One output of one comparison, and what is known for judging it."""

    spec: ModelSpec
    comparison: Comparison
    output: OutputComparison
    section: str
    builtin: Tolerances | None
    random_inputs: bool
    own: Thresholds | None
    """What the manifest says of this output alone."""

    @property
    def subject(self) -> str:
        other = {"conversion": "TensorFlow", "quantized": "float", "backends": f"float on {self.comparison.against}"}
        against = other[self.comparison.kind]
        backend = self.comparison.environment.backend
        return (
            f"output '{one_line(self.output.output, 60)}' of {self.comparison.variant} on {backend} against {against}"
        )

    def problem(self, problem: str) -> Judgement:
        """An output that has no numbers."""
        return self._judgement(PROBLEM, self.section, "fail", "error", f"{self.subject}: {one_line(problem, 400)}")

    def nothing_finite(self, limits: Limits) -> Iterator[Judgement]:
        """The same on both sides, and worth nothing: a warning, unless ``limits``, those of the SQNR, are off."""
        limit = limits.limit(self.comparison.environment.backend)
        if self._level("sqnr_db", limit) == "off" or (limit is None and self.builtin is None):
            return
        reason = (
            f"{self.subject} has NaN or infinity alone, as the other side has, so nothing was compared: "
            "give inputs that the model answers with numbers"
        )
        key = limit.key if limit else f"{self.section}.sqnr_db (default)"
        yield self._judgement("sqnr_db", key, "warn", "warn", reason)

    def hold(self, gate: str, limits: Limits, builtin: Tolerance | None) -> Iterator[Judgement]:
        """The judgement of one gate, if it has a limit and isn't off."""
        limit = limits.limit(self.comparison.environment.backend)
        level = self._level(gate, limit)
        bound = limit.value if limit else builtin.error if builtin else None
        if level == "off" or bound is None:
            return
        key = limit.key if limit else f"{self.section}.{gate} (default)"
        value: float | None = getattr(self.output, gate)
        if self.output.exact and gate not in _LABELLED:
            reason = f"{self.subject} is the same, bit for bit"
            yield self._judgement(gate, key, "pass", level, reason, value=value, limit=bound)
        elif value is None:
            yield from self._without_number(gate, key, level, explicit=limit)
        elif limit is not None:
            yield self._explicit(gate, key, level, value, limit.value)
        elif builtin is not None:
            yield self._default(gate, key, level, value, builtin)

    def hold_own(self, name: str, limits: Limits) -> Iterator[Judgement]:
        """The judgement of one of the user's own metrics; one that couldn't be measured is a failure of its own."""
        limit = limits.limit(self.comparison.environment.backend)
        value = next((each.value for each in self.output.metrics if each.name == name), None)
        level = self._level(OWN_METRIC, limit)
        if limit is None or value is None or level == "off":
            return
        spec = next(each for each in self.spec.compare.metrics if each.name == name)
        metric = Metric(title=name, floor=spec.better == "higher")
        missed = metric.missed(value, limit.value)
        reason = (
            f"{name} of {self.subject} is {apart(value, limit.value, metric.show, '')}, "
            f"the limit is {metric.limit(limit.value)}"
        )
        yield self._judgement(
            OWN_METRIC, limit.key, miss(missed, level), level, reason, value=value, limit=limit.value, metric=name
        )

    def _level(self, gate: str, limit: Limit | None) -> Level:
        return limit.level if limit is not None and limit.level is not None else self.spec.level_of(gate)

    def _explicit(self, gate: str, key: str, level: Level, value: float, limit: float) -> Judgement:
        metric = METRICS[gate]
        missed = metric.missed(value, limit)
        reason = f"{self._measured(gate, value, limit)}, the limit is {metric.limit(limit)}"
        if not missed:
            reason += self._unproven(gate, value, limit)
        if missed and gate in _AGREEMENT and self.random_inputs:
            level = "warn"
            reason += (
                f"; only a warning: inputs are random, near ties make {metric.title} meaningless; "
                "give real samples under inputs:"
            )
        return self._judgement(gate, key, miss(missed, level), level, reason, value=value, limit=limit)

    def _unproven(self, gate: str, value: float, limit: float) -> str:
        """That a share is above its limit in these samples, but may be below it in all: how many would prove it."""
        samples = self._samples(gate)
        if not samples or wilson_interval(value, samples)[0] >= limit:
            return ""
        enough = samples_to_prove(limit)
        return "" if enough is None else f", which it takes {enough} samples that all agree to prove"

    def _default(self, gate: str, key: str, level: Level, value: float, builtin: Tolerance) -> Judgement:
        assert self.builtin is not None
        metric = METRICS[gate]
        # A share of a few samples proves little, so it fails only when all of its 95 % interval is below.
        proven = wilson_interval(value, self.output.samples)[1] if gate in _AGREEMENT else value
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

    def _without_number(self, gate: str, key: str, level: Level, *, explicit: Limit | None) -> Iterator[Judgement]:
        if gate == "sqnr_db" and self.output.max_abs is not None:
            value, limit = self.output.max_abs, ZERO_REFERENCE_MAX_ABS
            reason = (
                f"{self.subject}: the reference is all zero, so there is no SQNR; "
                f"the largest difference is {value:.3g}, the limit there is {limit:g}"
            )
            outcome = miss(value > limit, level)
            yield self._judgement(gate, key, outcome, level, reason, value=value, limit=limit, unit="")
        elif explicit is not None and self._held_by_none(gate, explicit):
            # A limit of the user's that nothing was held against must not look like one that was kept.
            reason = f"{METRICS[gate].title} of {self.subject} has no number, so its limit wasn't held against anything"
            yield self._judgement(gate, key, "warn", "warn", reason)

    def _held_by_none(self, gate: str, limit: Limit) -> bool:
        """Whether this limit was meant for this output alone, or for all and none has the number."""
        if self.own is not None and getattr(self.own, gate).limit(self.comparison.environment.backend) is limit:
            return True
        return not any(getattr(other, gate) is not None for other in self.comparison.outputs)

    def _samples(self, gate: str) -> int:
        """How many samples a share is of; 0 where the gate is about no share of samples."""
        return self.output.samples if gate in _AGREEMENT else self.output.labels if gate == "accuracy" else 0

    def _measured(self, gate: str, value: float, limit: float) -> str:
        metric = METRICS[gate]
        told = ""
        if samples := self._samples(gate):
            low, high = wilson_interval(value, samples)
            told = f" ({samples} samples, 95 % interval {low:.3g} to {high:.3g})"
        return f"{metric.title} of {self.subject} is {apart(value, limit, metric.show, metric.unit)}{told}"

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
        metric: str | None = None,
    ) -> Judgement:
        return Judgement(
            gate=gate, key=key, outcome=outcome, level=level, reason=reason, value=value, limit=limit,
            variant=self.comparison.variant, backend=self.comparison.environment.backend, output=self.output.output,
            unit=unit if unit is not None else METRICS[gate].unit if gate in METRICS else "", metric=metric,
        )  # fmt: skip
