"""The quartiles of a few samples, as pytest-benchmark has them: so its tables and our charts show one box."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def quartiles(samples: Sequence[float]) -> tuple[float, float]:
    """First and third quartile of at least one sample, in its unit.

    An even number of samples is cut in halves, and each half has its median. With an odd number the middle one is
    weighed in by quarters (methods 2 and 3 of https://en.wikipedia.org/wiki/Quartile#Computing_methods).
    """
    ordered, count = sorted(samples), len(samples)
    if count == 1:
        return ordered[0], ordered[0]
    if count % 2 == 0:
        return statistics.median(ordered[: count // 2]), statistics.median(ordered[count // 2 :])
    n = count // 4
    if count % 4 == 1:
        return 0.25 * ordered[n - 1] + 0.75 * ordered[n], 0.75 * ordered[3 * n] + 0.25 * ordered[3 * n + 1]
    return 0.75 * ordered[n] + 0.25 * ordered[n + 1], 0.25 * ordered[3 * n + 1] + 0.75 * ordered[3 * n + 2]
