"""One tensor against the reference's: how near, relative to its own size, and whether that is near enough."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from tfjsci.compare.metrics import count_non_finite, difference
from tfjsci.graph.graph import Array, dtype_name
from tfjsci.localize.localization import Closeness, ErrorHistogram

ZERO_OFF = 1e-6
"""Where the reference is zero all over there is no ratio: ten float32 steps at 1.0."""

TIES = 0.01
"""The share of whole numbers and bools that may differ: where they rest on floats, a tie is decided either way."""

EXACT = Closeness(exact=True)

DECADES = tuple(10.0**power for power in range(-8, 1))
"""From a float32's own rounding to errors as large as the largest number."""


def closeness(reference: Array, candidate: Array) -> Closeness:
    """``candidate`` against ``reference``, whose dtype may be another of the same kind: the browser has float32 and int32."""
    if reference.shape != candidate.shape:
        return Closeness(problem=f"its shape is {list(candidate.shape)}, the reference's {list(reference.shape)}")
    if "string" in (dtype_name(reference), dtype_name(candidate)):
        unequal = sum(_bytes(r) != _bytes(c) for r, c in zip(reference.flat, candidate.flat, strict=True))
        return Closeness(problem=f"{unequal} of {reference.size} strings differ") if unequal else EXACT
    odd = count_non_finite([reference], [candidate]).mismatched
    if odd:
        return Closeness(problem=f"NaN or infinite on one side alone, at {odd} of {reference.size} places")
    found = difference([reference], [candidate])
    if found is None or found.exact:
        return EXACT
    if reference.dtype.kind in "biu":
        unequal = int((reference != candidate).sum())
        few = unequal <= TIES * reference.size
        return Closeness() if few else Closeness(problem=f"{unequal} of {reference.size} elements differ")
    if found.sqnr_db is None and found.max_abs > ZERO_OFF:
        return Closeness(problem=f"the reference is all zero, it is off by {found.max_abs:.3g}")
    return Closeness(sqnr_db=found.sqnr_db)


def agrees(found: Closeness, limit_db: float) -> bool:
    """Whether it is near enough: what has neither a problem nor a ratio is."""
    return found.problem is None and (found.sqnr_db is None or found.sqnr_db >= limit_db)


def decibel(found: Closeness) -> float:
    """A number to rank by: −∞ with a problem, +∞ where nothing differs that counts."""
    if found.problem is not None:
        return -math.inf
    return math.inf if found.sqnr_db is None else found.sqnr_db


def worst(found: Iterable[Closeness]) -> Closeness:
    """The one that is farthest away; exact of none."""
    return min(found, key=lambda each: (decibel(each), each.exact), default=EXACT)


def show(found: Closeness) -> str:
    """``57.3 dB``, ``exact``, ``agrees``, or what is wrong."""
    if found.problem is not None:
        return found.problem
    if found.exact:
        return "exact"
    return "agrees" if found.sqnr_db is None else f"{found.sqnr_db:.1f} dB"


def show_limit(limit_db: float) -> str:
    """``45 dB``, ``38.7 dB``: no more digits than what is held to it."""
    return f"{round(limit_db, 1):g} dB"


def histogram(reference: Array, candidate: Array) -> ErrorHistogram | None:
    """How errors are spread; None where they can't be subtracted. What is NaN or infinite is among the largest."""
    if reference.shape != candidate.shape or "string" in (dtype_name(reference), dtype_name(candidate)):
        return None
    kind = np.complex128 if "c" in (reference.dtype.kind, candidate.dtype.kind) else np.float64
    wide, other = reference.astype(kind).reshape(-1), candidate.astype(kind).reshape(-1)
    with np.errstate(invalid="ignore"):
        off = np.abs(other - wide)
    same = (wide == other) | (np.isnan(wide) & np.isnan(other))
    finite = np.abs(wide[np.isfinite(wide)])
    scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    relative = np.where(np.isfinite(off), off / scale, np.inf)[~same]
    counts = np.bincount(np.searchsorted(DECADES, relative, side="right"), minlength=len(DECADES) + 1)
    return ErrorHistogram(exact=int(same.sum()), below=DECADES, counts=tuple(int(count) for count in counts))


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
