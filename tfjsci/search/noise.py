"""How much noise an option makes in the outputs, where only some of a weight's options were run.

A small error of a weight goes through the net as through a linear map: the output's noise power grows as the error's own. So
noise over error is about the same for all options of one weight, and changes slowly between two of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def spread(count: int, among: int) -> tuple[int, ...]:
    """``count`` places of ``among``, evenly, both ends with them; of one, the middle."""
    if count >= among:
        return tuple(range(among))
    if count == 1:
        return (among // 2,)
    return tuple(dict.fromkeys(round(n * (among - 1) / (count - 1)) for n in range(count)))


def interpolated(errors: Sequence[float], measured: Mapping[int, float]) -> list[float]:
    """The noise of each option. ``errors``: its squared error in the weight; ``measured``: the noise of those that were run.

    Between two that were run the logarithm of noise over error goes in a straight line with the error's, beyond them it stays.
    Raises ``ValueError`` when nothing was measured.
    """
    if not measured:
        raise ValueError("no option was measured")
    known = sorted(
        (math.log(errors[n]), math.log(noise / errors[n]))
        for n, noise in measured.items()
        if errors[n] and noise and math.isfinite(noise)
    )
    return [measured[n] if n in measured else _between(error, known) for n, error in enumerate(errors)]


def _between(error: float, known: Sequence[tuple[float, float]]) -> float:
    if not error or not known:
        return 0.0  # exact, or a weight that no output depends on
    at = math.log(error)
    below = [each for each in known if each[0] <= at]
    above = [each for each in known if each[0] >= at]
    if not below or not above:
        ratio = (below[-1] if below else above[0])[1]
    else:
        (x0, y0), (x1, y1) = below[-1], above[0]
        ratio = y0 if x0 == x1 else y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return error * math.exp(ratio)
