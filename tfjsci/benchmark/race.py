"""Is one artifact faster than another? The interval of the ratio of their times, from runs that took turns.

Two runs side by side share the machine's mood, so their ratio is steadier than either time. Runs come as
``a b, b a, a b, b a …``: a block of two pairs (a b b a) cancels a machine that slows down steadily. A block's value is
the mean of its log-ratios; Student's t over the blocks gives the interval, which holds the truth in 95 of 100 races
(``tests/unit/benchmark/test_race.py`` runs thousands of simulated ones; a percentile bootstrap of so few blocks holds
it in 90).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from tfjsci.benchmark.student import t_quantile

CONFIDENCE = 0.95
MIN_BLOCKS = 3
"""With two blocks the interval is 12.7 deviations wide and says nothing."""

_CLIP_FROM = 10  # from the sixth on, the first blocks' MAD is so uncertain that 95 % become 93.6 % (simulated)
_CLIP_DEVIATIONS = 4.0
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution


@dataclass(frozen=True, kw_only=True)
class RatioInterval:
    """Time of b over time of a: below 1, b is faster. ``low`` to ``high`` holds the true ratio with 95 % confidence.

    ``clipped`` is how many blocks were so far off that they were pulled in.
    """

    ratio: float
    low: float
    high: float
    blocks: int
    clipped: int


def ratio_interval(a_ms: Sequence[float], b_ms: Sequence[float]) -> RatioInterval:
    """Geometric mean ratio of ``b_ms`` over ``a_ms`` and its 95 % interval; run i of a was beside run i of b.

    Two pairs make a block; an odd last pair is left out. From the eleventh block on, a block is pulled in to within
    four deviations (by the MAD) of the median of the blocks *before* it: looking only backwards, nobody decides
    afterwards what was an outlier, and the interval stays honest.

    Raises ``ValueError``: different lengths, fewer than three blocks, or a time that isn't positive.
    """
    if len(a_ms) != len(b_ms):
        raise ValueError(f"{len(a_ms)} runs of a, {len(b_ms)} of b: they can't have taken turns")
    odd = next((ms for ms in (*a_ms, *b_ms) if not (math.isfinite(ms) and ms > 0)), None)
    if odd is not None:
        raise ValueError(f"{odd} ms isn't a time that a ratio can be made of")
    logs = [math.log(b / a) for a, b in zip(a_ms, b_ms, strict=True)]
    blocks = [(first + second) / 2 for first, second in zip(logs[::2], logs[1::2], strict=False)]
    if len(blocks) < MIN_BLOCKS:
        raise ValueError(f"{len(a_ms)} pairs of runs are {len(blocks)} blocks; at least {MIN_BLOCKS} are needed")
    held = _clip(blocks)
    middle = fmean(held)
    half = t_quantile((1 + CONFIDENCE) / 2, freedom=len(held) - 1) * stdev(held) / math.sqrt(len(held))
    return RatioInterval(
        ratio=math.exp(middle),
        low=math.exp(middle - half),
        high=math.exp(middle + half),
        blocks=len(held),
        clipped=sum(h != b for h, b in zip(held, blocks, strict=True)),
    )


def _clip(blocks: Sequence[float]) -> list[float]:
    held = list(blocks[:_CLIP_FROM])
    for block in blocks[_CLIP_FROM:]:
        middle = median(held)
        reach = _CLIP_DEVIATIONS * _MAD_TO_DEVIATION * median(abs(h - middle) for h in held)
        # No spread at all so far (a clock that ticks coarsely): then nothing can be called far off.
        held.append(min(max(block, middle - reach), middle + reach) if reach > 0 else block)
    return held
