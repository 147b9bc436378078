"""Data that comes with scikit-learn, shuffled by a fixed seed and cut in two: what is trained on, and what is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class Data:
    """Inputs and what is to come out: class numbers, or the inputs again. The first axes count the samples."""

    train_x: Array
    train_y: Array
    held_x: Array
    held_y: Array


def digits() -> Data:
    """1,797 handwritten digits as images [8, 8, 1] from 0 to 1; 500 are held out."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return _cut((found.images[..., np.newaxis] / 16).astype(np.float32), found.target.astype(np.int32), held=500)


def digits_themselves() -> Data:
    """The digits as vectors [64] that are to come out as they went in."""
    data = digits()
    train, held = (np.reshape(each, (len(each), 64)) for each in (data.train_x, data.held_x))
    return Data(train_x=train, train_y=train, held_x=held, held_y=held)


def cells() -> Data:
    """Breast cancer Wisconsin: 569 samples of 30 measurements, two classes; each measurement is normalised as in the
    training part. 150 are held out."""
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    data = _cut(found.data.astype(np.float64), found.target.astype(np.int32), held=150)
    mean, spread = np.mean(data.train_x, axis=0), np.std(data.train_x, axis=0)  # type: ignore[type-var]
    train, held = (((each - mean) / spread).astype(np.float32) for each in (data.train_x, data.held_x))  # type: ignore[operator]
    return Data(train_x=train, train_y=data.train_y, held_x=held, held_y=data.held_y)


def _cut(x: Array, y: Array, *, held: int) -> Data:
    order = np.random.default_rng(0).permutation(len(x))
    train, rest = order[held:], order[:held]
    return Data(train_x=x[train], train_y=y[train], held_x=x[rest], held_y=y[rest])


Source = Callable[[], Data]
