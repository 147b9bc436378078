"""Where the variants and what was measured of them are kept: in ``.benchmarks/quantized``, so that a run goes on."""

from __future__ import annotations

from pathlib import Path

from ..zoo.places import CACHE, plain

QUANTIZED = CACHE / "quantized"


def artifact_of(net: str, who: str, variant: str) -> Path:
    """The artifact of a net by one of the converters. A folder of upstream's has the dtype's name."""
    return QUANTIZED / "artifacts" / plain(net) / who / plain(variant)


def results_of(net: str, what: str) -> Path:
    """What was measured of a net."""
    return QUANTIZED / "results" / what / f"{plain(net)}.json"
