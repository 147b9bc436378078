"""The divergence of class probabilities, for outputs whose rows are some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float64]

SUM_WITHIN = 1e-3
"""How far a row of probabilities may be from summing to 1: thousand classes in float16 get there."""

_BELOW_ZERO = 1e-6
_LEAST = float(np.finfo(np.float32).tiny)
"""What a probability of 0 counts as: a float32 can't hold less, and a logarithm needs something."""

_BLOCK = 1 << 20


def are_probabilities(arrays: Sequence[Array]) -> bool:
    """Whether every row (along the last axis of two or more) of floats is one of probabilities: none below 0, their sum 1."""
    if any(each.ndim < 2 or each.shape[-1] < 2 or each.dtype.kind != "f" or not each.size for each in arrays):
        return False
    return bool(arrays) and all(
        float(rows.min()) >= -_BELOW_ZERO and float(np.abs(rows.sum(axis=-1) - 1).max()) <= SUM_WITHIN
        for each in arrays
        for rows in _blocks(each)
    )


def divergence(reference: Sequence[Array], candidate: Sequence[Array]) -> float:
    """Kullback and Leibler's divergence from reference to candidate in nats, the mean over all rows ``[…, classes]``.

    Σ p·ln(p/q) - p + q, which is the usual sum where both rows sum to 1, and never below 0 where one doesn't quite. Shapes
    agree pair by pair, and there is at least one row.
    """
    total, rows = 0.0, 0
    for ref, cand in zip(reference, candidate, strict=True):
        for p, q in zip(_blocks(ref), _blocks(cand), strict=True):
            p, q = np.maximum(p, 0.0), np.maximum(q, 0.0)
            surprise = p * (np.log(np.maximum(p, _LEAST)) - np.log(np.maximum(q, _LEAST))) - p + q
            total += float(surprise.sum())
            rows += len(p)
    return max(0.0, total / rows)


def _blocks(values: Array) -> Iterator[Floats]:
    rows = values.reshape(-1, values.shape[-1])
    step = max(1, _BLOCK // rows.shape[1])
    for start in range(0, len(rows), step):
        yield rows[start : start + step].astype(np.float64)
