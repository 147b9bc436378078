"""AdaRound's question, up or down for each weight so that the layer's output is off least, answered by coordinate descent.

AdaRound relaxes it and descends by gradients for some 10,000 steps a layer. Here one weight after the other takes the code
that is best as the others are, from the codes of error feedback on, until none gains: the same sum of squares, a few sweeps.

Source: Nagel, Amjad, van Baalen, Louizos and Blankevoort, "Up or Down? Adaptive Rounding for Post-Training Quantization" (2020).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.quantize.error_feedback import DAMPING, round_with_feedback
from tfjsci.quantize.weight import Codes

Wide = npt.NDArray[np.float64]

SWEEPS = 10


def feedback_and_descent(
    rows: npt.NDArray[np.floating],
    hessian: Wide,
    *,
    scale: npt.NDArray[np.floating],
    offset: npt.NDArray[np.floating],
    steps: int,
) -> Codes:
    """As :func:`tfjsci.quantize.error_feedback.round_with_feedback`, and then down to a minimum of the same error."""
    codes = round_with_feedback(rows, hessian, scale=scale, offset=offset, steps=steps)
    mean = float(np.trace(hessian)) / max(len(hessian), 1)
    damped = hessian + np.eye(len(hessian)) * (DAMPING * mean)
    wide = np.asarray(codes, np.float64)
    scales, offsets = (np.broadcast_to(np.asarray(each, np.float64), rows.shape) for each in (scale, offset))
    slope = damped @ (wide * scales + offsets - rows)
    for _ in range(SWEEPS):
        moved = False
        for i in np.flatnonzero(np.diagonal(hessian) > 0):
            step = _steps(slope[i] / damped[i, i], wide[i], scales[i], steps)
            if step.any():
                wide[i] += step
                slope += np.outer(damped[:, i], step * scales[i])
                moved = True
        if not moved:
            break
    return wide.astype(codes.dtype)


def _steps(off: Wide, code: Wide, scale: Wide, most: int) -> Any:
    """By how many codes each output's weight moves: to the nearest whole number of what undoes ``off``."""
    return np.clip(code - np.rint(off / scale), 0, most) - code
