"""Schemes searched for, for one model without a manifest: thresholds and samples in, what to write and how to say it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tfjsci.artifact.quantize import Quantization
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.manifest.resolved import AutoSpec
from tfjsci.metrics import METRICS
from tfjsci.nearest import did_you_mean
from tfjsci.search.found import SearchFound
from tfjsci.units import show_bytes

if TYPE_CHECKING:
    from tfjsci.converter import Converted

TO_SEARCH = "to search with"
"""What samples are for, as errors say it."""

_OPTIONS = tuple(each.name for each in fields(AutoSpec))


@dataclass(frozen=True, kw_only=True)
class AutoWanted:
    """``limits`` by metric, ``samples`` by input name; ``include`` and ``exclude`` as of a quantisation."""

    limits: Mapping[str, float]
    bounds: AutoSpec
    samples: Mapping[str, Any]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def auto_of(
    auto: Mapping[str, Any], samples: Mapping[str, Any], include: tuple[str, ...], exclude: tuple[str, ...]
) -> AutoWanted:
    """What a manifest's ``auto`` may say. Raises ``UsageError`` for a key that there isn't, and without a threshold."""
    from tfjsci.manifest.mixed_checks import GOALS  # late: reading manifests takes pydantic

    for key in auto:
        if key not in (*GOALS, *_OPTIONS):
            raise UsageError(
                f"auto has no {one_line(key)!r}.{did_you_mean(key, (*GOALS, *_OPTIONS))}",
                hint=f"It has thresholds ({', '.join(GOALS)}) and {', '.join(_OPTIONS)}.",
            )
    limits: dict[str, float] = {key: _number(key, auto[key]) for key in GOALS if auto.get(key) is not None}
    if not limits:
        raise UsageError("auto needs a threshold", hint='Say what it is to meet, such as sqnr_db: {"sqnr_db": 25}.')
    bounds = AutoSpec(**{key: auto[key] for key in _OPTIONS if key in auto})
    return AutoWanted(limits=limits, bounds=bounds, samples=samples, include=include, exclude=exclude)


def _number(key: str, value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise UsageError(f"auto's {key} is {one_line(repr(value), 60)}, not a number", hint="Give a finite number.")


def search(
    converted: Converted, wanted: AutoWanted, *, say: Callable[[str], None] = lambda _: None
) -> tuple[tuple[Quantization, ...], SearchFound, tuple[str, ...]]:
    """The quantisations, all that is to be told of the search, and what to tell of the samples. ``say`` hears what is being done.

    Raises ``SearchFailed``, and ``BadInputs`` for samples that don't fit.
    """
    from tfjsci.calibrate.samples import calls_of
    from tfjsci.search.auto import begin
    from tfjsci.search.goal import Goal

    calls, notes = calls_of(converted.inputs, wanted.samples, purpose=TO_SEARCH)
    auto = begin(
        converted,
        calls,
        variant="auto",
        wanted=wanted.bounds,
        include=wanted.include,
        exclude=wanted.exclude,
        goal=Goal(limits=wanted.limits),
        topk=True,
        float_bytes=0,  # only what is drawn needs it
        say=say,
    )
    auto.measure()
    found = auto.choose()
    return found.quantizations, found.told(), notes


def outcome_of(found: SearchFound, brotli_bytes: int) -> str:
    """What came of a search in a sentence; ``brotli_bytes``: of all that was written."""
    asked = ", ".join(f"{METRICS[name].title} {METRICS[name].limit(value)}" for name, value in found.limits.items())
    value = found.points[found.chosen].value
    made = (
        "no difference at all"
        if value is None
        else f"{METRICS[found.metric].title} {METRICS[found.metric].show(value)}"
    )
    told = (
        f"auto ran {found.evaluations} combinations in TensorFlow; what is written comes to {made} there (asked: {asked}) "
        f"and is {show_bytes(brotli_bytes)} to download with brotli"
    )
    if found.stopped is None:
        return told
    slower = ", a faster machine may find something else" if found.stopped == "minutes" else ""
    return f"{told}; the limit of {found.stopped} ended the search{slower}"
