"""Images resampled along one dimension by known weights: each new place is a sum of old ones.

A product with the matrix of weights, or, where that would be large and few old places count for each new one, a sum of gathered
slices. Weights that only pick become a Gather.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.rewrite.build import Tensor, const, dims, gather, matmul, product, reshape, transpose

Weights = npt.NDArray[np.float32]
"""[new size, old size]"""

LARGE = 1 << 14
"""Weights (64 KiB) from which on gathering is thought of."""

FEW_TAPS = 8
"""Old places to a new one, up to which gathering them costs less than a product with a matrix mostly zero."""

LARGEST = 1 << 21
"""Weights of one matrix (8 MiB): more isn't put into a model."""


def too_large(weights: Weights) -> bool:
    """Whether ``resampled`` would make a constant beyond all measure."""
    return weights.size > LARGEST and _taps(weights) > FEW_TAPS


def resampled(x: Tensor, weights: Weights, axis: int) -> Tensor:
    """Along dimension 1 or 2 of ``x`` [batch, height, width, channels]: new[i] = Σ weights[i, j] · old[j]."""
    if _picks(weights):
        rows = weights.argmax(axis=1)
        if np.array_equal(rows, np.arange(weights.shape[1])):
            return x
        return gather(x, const(rows.astype(np.int32)), axis)
    if weights.size > LARGE and _taps(weights) <= FEW_TAPS:
        return _gathered(x, weights, axis)
    return _multiplied(x, weights, axis)


def _picks(weights: Weights) -> bool:
    return bool(((weights == 0) | (weights == 1)).all() and (weights.sum(axis=1) == 1).all())


def _taps(weights: Weights) -> int:
    return int((weights != 0).sum(axis=1).max(initial=0))


def _gathered(x: Tensor, weights: Weights, axis: int) -> Tensor:
    taps = max(_taps(weights), 1)
    order = np.argsort(weights == 0, axis=1, kind="stable")[:, :taps]  # the places that count, in their order
    shape = [-1 if i == axis else 1 for i in range(x.rank)]
    summed: Tensor | None = None
    for tap in range(taps):
        part = gather(x, const(order[:, tap].astype(np.int32)), axis)
        part = part * const(np.take_along_axis(weights, order[:, tap : tap + 1], 1).reshape(shape))
        summed = part if summed is None else summed + part
    assert summed is not None
    return summed


def _multiplied(x: Tensor, weights: Weights, axis: int) -> Tensor:
    """Columns as they lie for the height, so that no pixel moves; rows of one channel for the width."""
    batch, height, width, channels = dims(x)
    new = weights.shape[0]
    if axis == 1:
        if isinstance(batch, int) and batch == 1:  # one product of matrices, wasm's quickest
            flat = matmul(const(weights), reshape(x, [height, product([width, channels])]))
        else:
            flat = matmul(const(weights), reshape(x, [batch, height, product([width, channels])]))
        return reshape(flat, [batch, new, width, channels])
    rows = transpose(x, (0, 1, 3, 2))
    flat = matmul(reshape(rows, [product([batch, height, channels]), width]), const(np.ascontiguousarray(weights.T)))
    return transpose(reshape(flat, [batch, height, channels, new]), (0, 1, 3, 2))
