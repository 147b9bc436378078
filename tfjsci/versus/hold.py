"""Limits held against what two models make of the same inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import NarrowFloat, SchemeName
from tfjsci.errors import UsageError
from tfjsci.metrics import LIMITED, METRICS
from tfjsci.nearest import did_you_mean
from tfjsci.verdict.tolerances import (
    CONVERSION,
    CONVERSION_OF,
    ZERO_REFERENCE_MAX_ABS,
    Tolerances,
    conversion_tolerances,
    looser,
    quantized_tolerances,
)
from tfjsci.versus.compared import Held


def require_limits(limits: Mapping[str, float]) -> None:
    """Raises ``UsageError`` for a metric that there isn't."""
    for name in limits:
        if name not in LIMITED:
            raise UsageError(
                f"there is no metric {name!r}.{did_you_mean(name, LIMITED)}", hint=f"Metrics: {', '.join(LIMITED)}."
            )


def defaults_for(
    environment: BackendEnvironment | None, quantized: SchemeName | None, narrow: NarrowFloat | None = None
) -> Tolerances:
    """The built-in limits: by what the weights are stored in, and by what the backend and an original (``narrow``) compute in."""
    if environment is None:
        return CONVERSION_OF[narrow] if narrow else CONVERSION
    limits = conversion_tolerances(environment.backend, environment.flags, narrow)
    if quantized is not None:
        return looser(quantized_tolerances(quantized, environment.backend, environment.flags), limits)
    return limits


def hold(outputs: Sequence[OutputComparison], limits: Mapping[str, float], defaults: Tolerances) -> tuple[Held, ...]:
    """Each output held to ``limits`` by metric; to the built-in one for the SQNR where there are none."""
    wanted = limits or {"sqnr_db": defaults.sqnr_db.error}
    return tuple(held for output in outputs for held in _held(output, wanted, default=not limits))


def _held(output: OutputComparison, limits: Mapping[str, float], *, default: bool) -> Iterator[Held]:
    if output.problem is not None:
        yield Held(output=output.output, metric="problem", value=None, limit=None, missed=True, reason=output.problem)
        return
    for name, limit in limits.items():
        metric, value = METRICS[name], getattr(output, name)
        missed, reason, unmeasured = False, "", False
        if output.nothing_finite:
            unmeasured = True
            reason = f"{output.output} has NaN or infinity alone on both sides, so nothing was compared"
        elif output.exact:
            reason = "the same, bit for bit"
        elif value is not None:
            missed = metric.missed(value, limit)
            reason = f"{metric.title} {metric.show(value)}, the limit is {metric.limit(limit)}"
        elif name == "sqnr_db" and output.max_abs is not None:
            missed = output.max_abs > ZERO_REFERENCE_MAX_ABS
            reason = (
                f"the reference is all zero, the largest difference is {output.max_abs:.3g}, "
                f"the limit there is {ZERO_REFERENCE_MAX_ABS:g}"
            )
        else:
            unmeasured = True
            reason = f"{metric.title} has no number here, so its limit wasn't held against anything"
        yield Held(
            output=output.output, metric=name, value=value, limit=limit, missed=missed, reason=reason, default=default,
            unmeasured=unmeasured,
        )  # fmt: skip
