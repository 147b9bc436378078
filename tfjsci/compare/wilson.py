"""How well a share is known that was seen in a few samples."""

from __future__ import annotations

from math import ceil, sqrt

_Z = 1.96
"""The normal distribution's 97.5 % quantile: 95 % between both sides."""


def wilson_interval(share: float, samples: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in ``samples`` samples, by Wilson's score; (0, 1) of none.

    It stays within 0 and 1, and isn't empty where all samples agree, as the textbook's interval is. E. B. Wilson, 1927.
    """
    if samples <= 0:
        return 0.0, 1.0
    centre = share + _Z * _Z / (2 * samples)
    spread = _Z * sqrt(share * (1 - share) / samples + _Z * _Z / (4 * samples * samples))
    whole = 1 + _Z * _Z / samples
    # 0 and 1 are reached exactly; rounding would stop short of them.
    low = 0.0 if share == 0 else max(0.0, (centre - spread) / whole)
    high = 1.0 if share == 1 else min(1.0, (centre + spread) / whole)
    return low, high


def samples_to_prove(share: float) -> int | None:
    """How many samples that all agree it takes until the interval's lower end is at ``share``; None for 1, which none prove."""
    return None if share >= 1 else max(1, ceil(_Z * _Z * share / (1 - share) - 1e-9))
