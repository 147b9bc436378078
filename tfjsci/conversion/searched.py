"""Schemes searched for, for one model without a manifest: thresholds and samples in, what to write and how to say it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tfjsci.artifact.quantize import Quantization
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.manifest.resolved import AutoSpec
from tfjsci.nearest import did_you_mean

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
    limits: dict[str, float] = {key: float(auto[key]) for key in GOALS if auto.get(key) is not None}
    if not limits:
        raise UsageError("auto needs a threshold", hint='Say what it is to meet, such as sqnr_db: {"sqnr_db": 25}.')
    bounds = AutoSpec(**{key: auto[key] for key in _OPTIONS if key in auto})
    return AutoWanted(limits=limits, bounds=bounds, samples=samples, include=include, exclude=exclude)


def search(converted: Converted, wanted: AutoWanted) -> tuple[tuple[Quantization, ...], str, tuple[str, ...]]:
    """The quantisations, the manifest's entry that says the same, and what to tell of the samples.

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
    )
    auto.measure()
    found = auto.choose()
    return found.quantizations, found.told().entry, notes
