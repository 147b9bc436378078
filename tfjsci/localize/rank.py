"""Which quantised weights cost most: each as float again, all others as they are, and what the outputs gain by it.

Errors of several weights add up as noise does, so the gains, one by one, are a good order for taking several out: weights are
taken in that order until the limit is met, and then each is tried to be put back, the least gain first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from tfjsci.graph.graph import Array
from tfjsci.localize.closeness import agrees, closeness, decibel, worst
from tfjsci.localize.localization import Closeness, RestoredWeight, WeightRanking

Outputs = Callable[[Mapping[str, Array]], Sequence[Array]]
"""The graph's outputs for these values of its quantised weights, by name."""

SECONDS = 60.0


def rank_weights(
    outputs: Outputs,
    *,
    floats: Mapping[str, Array],
    quantized: Mapping[str, Array],
    sources: Mapping[str, tuple[str, ...]],
    more_bytes: Mapping[str, int],
    limit_db: float,
    clock: Callable[[], float],
    seconds: float = SECONDS,
) -> WeightRanking:
    """``floats`` and ``quantized`` are the values of the same weights; ``more_bytes`` is what each costs as float.

    Within ``seconds``: weights that time runs out for aren't ranked, and are never taken out.
    """
    end = clock() + seconds
    wanted = outputs(floats)

    def near(restored: Sequence[str]) -> Closeness:
        made = outputs({**quantized, **{name: floats[name] for name in restored}})
        return worst(closeness(want, have) for want, have in zip(wanted, made, strict=True))

    before = near(())
    after: dict[str, Closeness] = {}
    for name in sorted(quantized, key=lambda each: -quantized[each].size):
        if clock() > end:
            break
        after[name] = near((name,))
    order = sorted(after, key=lambda each: (-decibel(after[each]), more_bytes[each], each))
    exclude, excluded = _thinned(_until(order, before, near, limit_db, end, clock), near, limit_db, end, clock)
    return WeightRanking(
        quantized=before,
        limit_db=limit_db,
        weights=tuple(
            RestoredWeight(
                name=name,
                sources=sources.get(name, ()),
                after=after[name],
                gain_db=_gain(before, after[name]),
                more_bytes=more_bytes[name],
            )
            for name in order
        ),
        exclude=tuple(exclude),
        excluded=excluded,
        more_bytes=sum(more_bytes[name] for name in exclude),
        meets=agrees(excluded, limit_db),
        tried=len(after),
        total=len(quantized),
    )


Near = Callable[[Sequence[str]], Closeness]


def _until(
    order: Sequence[str], before: Closeness, near: Near, limit_db: float, end: float, clock: Callable[[], float]
) -> tuple[list[str], Closeness]:
    """The first of ``order`` that meet the limit together; all of them if they don't, or so many as there is time for."""
    taken: list[str] = []
    now = before
    for name in order:
        if agrees(now, limit_db) or clock() > end:
            break
        taken.append(name)
        now = near(taken)
    return taken, now


def _thinned(
    found: tuple[list[str], Closeness], near: Near, limit_db: float, end: float, clock: Callable[[], float]
) -> tuple[list[str], Closeness]:
    """Without those that aren't needed for the limit after all."""
    kept, now = found
    if not agrees(now, limit_db):
        return kept, now
    for name in reversed(kept[:-1]):  # the last one was needed when it was taken
        if clock() > end:
            break
        without = [each for each in kept if each != name]
        if agrees(trial := near(without), limit_db):
            kept, now = without, trial
    return kept, now


def _gain(before: Closeness, after: Closeness) -> float | None:
    gain = decibel(after) - decibel(before)
    return gain if math.isfinite(gain) else None
