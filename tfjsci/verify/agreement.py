"""One output before and after rewriting: the same numbers, or why not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.graph.graph import Array, dtype_name
from tfjsci.rewrite import carried

SAME_DB = {"float32": 80.0, "float16": 50.0, "bfloat16": 30.0}
"""The least SQNR that a float output may have, by the coarsest float that the original computes in. One rounding of a number
is 150, 71 and 53 dB; the networks of our tests come to 120 dB and more, a rule with a slip in it to less than 40. float16
and bfloat16 lose what they lose in the original: rewriting carries them in float32."""

SAME_ERROR = 1e-6
"""Or: nothing is off by more than this part of the output's largest number, which is eight steps of a float32 there."""

TIES = 0.01
"""The share of integers and bools that may differ, where they rest on floats: argmax and rounding decide a tie either way."""

_CARRIED = {**carried.FLOATS, **carried.SMALL_INTEGERS, **carried.LARGE_INTEGERS}

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One output. ``why`` says why it isn't the same, if it isn't; ``sqnr_db`` is None where nothing differs or it has none.

    ``error`` is the relative error of floats (RMS) and the share of anything else that differs: what noise is held against.
    None where the two can't be held against one another: another shape, NaN on one side.
    """

    output: str
    why: str | None = None
    sqnr_db: float | None = None
    error: float | None = 0.0


def agreement(output: str, before: Array, after: Array, *, coarsest: str = "float32", ties: bool = False) -> Agreement:
    """``after`` against ``before``. ``coarsest`` is a key of :data:`SAME_DB`; ``ties``: integers may differ at some places."""
    was, now = dtype_name(before), dtype_name(after)
    if now not in (was, _CARRIED.get(was)):
        return Agreement(output=output, why=f"its dtype was {was} and is {now}", error=None)
    if before.shape != after.shape:
        return Agreement(
            output=output, why=f"its shape was {list(before.shape)} and is {list(after.shape)}", error=None
        )
    if was.startswith(("float", "bfloat", "complex")):
        return _floats(output, _wide(before), _wide(after), coarsest)
    unequal = int((before != after).sum())
    share = unequal / before.size if before.size else 0.0
    if share <= (TIES if ties else 0.0):
        return Agreement(output=output, error=share)
    return Agreement(output=output, why=f"{unequal} of {before.size} elements differ", error=share)


def _floats(output: str, before: _Floats, after: _Floats, coarsest: str) -> Agreement:
    # A narrow float overflows to infinity where the wide one that carries it doesn't.
    compared = np.isfinite(before) | (coarsest == "float32")
    odd = compared & ~(np.isfinite(before) & np.isfinite(after))
    if mismatched := int((~np.equal(before[odd], after[odd]) & ~(np.isnan(before[odd]) & np.isnan(after[odd]))).sum()):
        alone = f"NaN or infinite before or after alone, at {mismatched} of {before.size} places"
        return Agreement(output=output, why=alone, error=None)
    finite = np.isfinite(before) & np.isfinite(after)
    before, after = before[finite], after[finite]
    if np.array_equal(before, after):
        return Agreement(output=output)
    scale = float(np.abs(before).max())
    off = after / (scale or 1.0) - before / (scale or 1.0)
    noise = math.sqrt(float(np.mean(off**2)))
    if not scale:
        why = None if np.abs(off).max() <= SAME_ERROR else f"it was all zero and is up to {np.abs(off).max():.3g}"
        return Agreement(output=output, why=why, error=noise)
    error = noise / math.sqrt(float(np.mean((before / scale) ** 2)))
    if not error:  # too little for its square to be a number
        return Agreement(output=output)
    sqnr = -20 * math.log10(error)
    same = sqnr >= SAME_DB[coarsest] or float(np.abs(off).max()) <= SAME_ERROR
    why = None if same else f"its SQNR is {sqnr:.1f} dB, and {SAME_DB[coarsest]:g} dB would be float noise"
    return Agreement(output=output, why=why, sqnr_db=sqnr, error=error)


def _wide(value: Array) -> _Floats:
    if value.dtype.kind == "c":
        return value.astype(np.complex128).reshape(-1).view(np.float64)
    return value.astype(np.float64).reshape(-1)
