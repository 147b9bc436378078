"""Steady inference of two artifacts of a net, interleaved in one page."""

from __future__ import annotations

import math
from statistics import median

from tfjsci.benchmark.race import ratio_interval
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import Backend

from .converting import Who, converted
from .models import reference
from .places import artifact_of
from .results import Figures, measured

DEADLINE_SECONDS = 900
TIMED: tuple[Backend, ...] = ("wasm", "webgl")
BUDGET_SECONDS: dict[Backend, float] = {"wasm": 10, "webgl": 20}
"""Of steady runs for one net: wasm repeats itself better."""

LEAST_PAIRS, MOST_PAIRS = 10, 200
QUICK_PAIRS = 6
WARMUP = 3


def steady(
    session: BrowserSession, net: str, against: Who, backend: Backend, *, quick: bool, who: Who = "ours"
) -> Figures:
    """``speedup`` is their time over ours, with its 95 % interval ``low`` to ``high``; medians in ms; ``pairs`` of runs."""
    of = f"{converted(net, who).digest} {converted(net, against).digest}"

    def race(warmup: int, pairs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        ours, theirs = session.race(
            [artifact_of(net, who), artifact_of(net, against)],
            backend,
            reference(net).inputs,
            warmup=warmup,
            runs=pairs,
            deadline_seconds=DEADLINE_SECONDS,
        )
        return ours.steady_ms, theirs.steady_ms

    def run() -> Figures:
        pairs = QUICK_PAIRS
        if not quick:
            ours, theirs = race(1, 2)
            pairs = _pairs(median(ours) + median(theirs), BUDGET_SECONDS[backend])
        ours, theirs = race(1 if quick else WARMUP, pairs)
        interval = ratio_interval(ours, theirs)
        return {
            "speedup": interval.ratio,
            "low": interval.low,
            "high": interval.high,
            "pairs": pairs,
            "ours_ms": median(ours),
            "theirs_ms": median(theirs),
            "samples": {"ours": ours, "theirs": theirs},
        }

    named = (net, against, backend) if who == "ours" else (net, against, backend, who)
    return measured("steady", *named, of=of, quick=quick, run=run)


def _pairs(pair_ms: float, seconds: float) -> int:
    """As many as fit, an even number: two pairs make a block."""
    fit = math.floor(seconds * 1000 / pair_ms / 2) * 2
    return min(max(fit, LEAST_PAIRS), MOST_PAIRS)
