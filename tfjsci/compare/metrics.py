"""Numbers that say how far two sets of tensors lie apart. Pure numpy, in float64, a block at a time.

Sums of squares are taken of values that were divided by the largest one first, so nothing overflows or underflows
as long as the differences themselves are float64 numbers.
SQNR is the signal over the noise, so a *lower* one is worse.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float64]

_BLOCK = 1 << 20
"""Values looked at together: 8 MB as float64, whatever the size of the tensors."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Of the places where both sides are finite. The fields are those of ``OutputComparison``."""

    exact: bool
    max_abs: float
    max_relative: float | None
    rmse: float
    sqnr_db: float | None
    cosine: float | None

    @property
    def psnr_db(self) -> float | None:
        """20 log10((max r - min r) / rmse): None when there is no noise, or no range."""
        if not self.max_abs or self.max_relative is None or not self.rmse:
            return None
        # The range, without forming it: it may be no float any more.
        return 20 * (math.log10(self.max_abs) - math.log10(self.max_relative) - math.log10(self.rmse))

    @property
    def reference_rms(self) -> float:
        """The root mean square of the reference, as far as there is noise to tell it by; 0 otherwise."""
        return self.rmse * 10.0 ** (self.sqnr_db / 20) if self.sqnr_db is not None else 0.0


@dataclass(frozen=True, kw_only=True)
class NonFinite:
    """NaNs and infinities of the candidate, and at how many places the two sides don't have the same one."""

    nan: int
    inf: int
    mismatched: int


def count_non_finite(reference: Sequence[Array], candidate: Sequence[Array]) -> NonFinite:
    """NaN goes with NaN, and an infinity with one of the same sign. Shapes must agree pair by pair."""
    nan = inf = mismatched = 0
    for ref, cand in _blocks(reference, candidate):
        nan += int(np.isnan(cand).sum())
        inf += int(np.isinf(cand).sum())
        odd = ~(np.isfinite(ref) & np.isfinite(cand))
        mismatched += int((~np.equal(ref[odd], cand[odd]) & ~(np.isnan(ref[odd]) & np.isnan(cand[odd]))).sum())
    return NonFinite(nan=nan, inf=inf, mismatched=mismatched)


def difference(reference: Sequence[Array], candidate: Sequence[Array]) -> Difference | None:
    """``candidate`` against ``reference``, all arrays together; None if there is no place where both are finite.

    Shapes must agree pair by pair. Bools and integers count as numbers, complex values as two.

    ``max_relative`` is max |c - r| / (max r - min r), None for a constant reference. ``sqnr_db`` is
    10 log10(Σ r² / Σ (c - r)²), None when there is no noise or no signal. ``cosine`` is Σ rc / (|r| |c|): None when the
    reference is all zero and so has no direction; 0 when the candidate alone is.
    """
    count, low, high, max_abs, candidate_peak = 0, math.inf, -math.inf, 0.0, 0.0
    for ref, cand in _finite_blocks(reference, candidate):
        count += ref.size
        low, high = min(low, float(ref.min())), max(high, float(ref.max()))
        max_abs = max(max_abs, float(np.abs(cand - ref).max()))
        candidate_peak = max(candidate_peak, float(np.abs(cand).max()))
    if not count:
        return None
    peak = max(abs(low), abs(high))
    signal = noise = candidate_power = product = 0.0
    for ref, cand in _finite_blocks(reference, candidate):
        noise += _power((cand - ref) / (max_abs or 1.0))
        r, c = ref / (peak or 1.0), cand / (candidate_peak or 1.0)
        signal += _power(r)
        candidate_power += _power(c)
        product += float(np.dot(r, c))
    return Difference(
        exact=max_abs == 0.0,
        max_abs=max_abs,
        max_relative=_relative(max_abs, low, high),
        rmse=max_abs * math.sqrt(noise / count),
        sqnr_db=_decibel(peak, signal, over=(max_abs, noise)) if peak and max_abs else None,
        cosine=_cosine(product, signal, candidate_power) if peak else None,
    )


def mismatch_ratio(reference: Sequence[Array], candidate: Sequence[Array], *, atol: float, rtol: float) -> float:
    """The share of values with |c - r| > atol + rtol·|r|, of those places where both are finite; 0 of none.

    Shapes must agree pair by pair.
    """
    count = beyond = 0
    for ref, cand in _finite_blocks(reference, candidate):
        count += ref.size
        beyond += int((np.abs(cand - ref) > atol + rtol * np.abs(ref)).sum())
    return beyond / count if count else 0.0


def topk_agreement(reference: Array, candidate: Array, *, k: int) -> int:
    """In how many places the ``k`` best classes of ``candidate`` are among the ``k`` best of ``reference``.

    Float arrays of one shape [..., classes], classes > k. A place is a position of all axes but the last.

    Ties: the candidate's best are what an arg-max gives, the lowest index of equals; each must be worth at least the
    reference's k-th best. So where the reference ranks two classes alike either will do, but a candidate that ranks
    everything alike hasn't found anything. NaN is the worst class.
    """
    ref = np.nan_to_num(_rows(reference), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    cand = np.nan_to_num(_rows(candidate), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    best = np.argsort(-cand, axis=-1, kind="stable")[:, :k]
    kth_best = np.partition(ref, -k, axis=-1)[:, -k]
    chosen = np.take_along_axis(ref, best, axis=-1)
    return int((chosen >= kth_best[:, np.newaxis]).all(axis=-1).sum())


def _rows(values: Array) -> Floats:
    return values.reshape(-1, values.shape[-1]).astype(np.float64)


def _power(values: Floats) -> float:
    return float(np.dot(values, values))


def _relative(max_abs: float, low: float, high: float) -> float | None:
    if low == high:
        return None
    if math.isinf(high - low):  # two large values of both signs, whose distance is no float any more
        return (max_abs / 2) / (high / 2 - low / 2)
    return max_abs / (high - low)


def _decibel(signal_peak: float, signal: float, *, over: tuple[float, float]) -> float:
    noise_peak, noise = over
    peaks = math.log10(signal_peak) - math.log10(noise_peak)
    return 20 * peaks + 10 * (math.log10(signal) - math.log10(noise))


def _cosine(product: float, signal: float, candidate_power: float) -> float:
    if candidate_power == 0.0:
        return 0.0
    # Rounding can carry it past 1.
    return max(-1.0, min(1.0, product / (math.sqrt(signal) * math.sqrt(candidate_power))))


def _finite_blocks(reference: Sequence[Array], candidate: Sequence[Array]) -> Iterator[tuple[Floats, Floats]]:
    for ref, cand in _blocks(reference, candidate):
        both = np.isfinite(ref) & np.isfinite(cand)
        if both.all():
            yield ref, cand
        elif both.any():
            yield ref[both], cand[both]


def _blocks(reference: Sequence[Array], candidate: Sequence[Array]) -> Iterator[tuple[Floats, Floats]]:
    for ref, cand in zip(reference, candidate, strict=True):
        if ref.shape != cand.shape:
            raise ValueError(f"shapes differ: {ref.shape} and {cand.shape}")
        flat_ref, flat_cand = ref.reshape(-1), cand.reshape(-1)
        for start in range(0, ref.size, _BLOCK):
            yield _floats(flat_ref[start : start + _BLOCK]), _floats(flat_cand[start : start + _BLOCK])


def _floats(values: Array) -> Floats:
    if values.dtype.kind == "c":
        return values.astype(np.complex128).view(np.float64)
    return values.astype(np.float64)
