"""What a case is fed: for each input its shape, which sizes are left open, its dtype, and how its values are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One input. ``shape`` is of the values; the axes in ``free`` are unknown to the graph."""

    shape: tuple[int, ...]
    dtype: str
    draw: Draw
    free: frozenset[int] = frozenset()

    @property
    def declared(self) -> tuple[int | None, ...]:
        """The shape as the signature tells it."""
        return tuple(None if axis in self.free else size for axis, size in enumerate(self.shape))

    def values(self, rng: np.random.Generator) -> Any:
        """An array of the dtype and shape."""
        dtype = object if self.dtype == "string" else self.dtype
        return np.asarray(self.draw(rng, self.shape), dtype=dtype)

    def open(self, *axes: int) -> Feed:
        """The same with these axes unknown to the graph, those that it has."""
        return replace(self, free=self.free | {axis for axis in axes if axis < len(self.shape)})


def normal(*shape: int, dtype: str = "float32") -> Feed:
    """Around 0, some beyond ±2."""
    return Feed(shape=shape, dtype=dtype, draw=lambda rng, size: rng.normal(size=size))


def between(low: float, high: float, *shape: int, dtype: str = "float32") -> Feed:
    """Evenly spread over an interval."""
    return Feed(shape=shape, dtype=dtype, draw=lambda rng, size: rng.uniform(low, high, size))


def whole(low: int, high: int, *shape: int, dtype: str = "int32") -> Feed:
    """Integers from ``low`` to below ``high``, in any dtype."""
    return Feed(shape=shape, dtype=dtype, draw=lambda rng, size: rng.integers(low, high, size))


def yes_or_no(*shape: int) -> Feed:
    """Booleans."""
    return Feed(shape=shape, dtype="bool", draw=lambda rng, size: rng.integers(0, 2, size))


def words(choices: Sequence[str], *shape: int) -> Feed:
    """Strings out of a few."""

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> Any:
        picked = np.empty(size, dtype=object)
        for index in np.ndindex(size):
            picked[index] = choices[int(rng.integers(len(choices)))]
        return picked

    return Feed(shape=shape, dtype="string", draw=draw)


def given(values: Any, dtype: str = "float32") -> Feed:
    """These very values, where random ones would mean nothing."""
    array = np.asarray(values)
    return Feed(shape=array.shape, dtype=dtype, draw=lambda _rng, _size: array)


def definite(*shape: int) -> Feed:
    """Symmetric matrices with all eigenvalues well above 0, and apart from each other."""

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> Any:
        half = rng.normal(size=size)
        return half @ np.swapaxes(half, -1, -2) + np.diag(np.arange(1.0, size[-1] + 1))

    return Feed(shape=shape, dtype="float32", draw=draw)


def ascending(*shape: int, dtype: str = "float32") -> Feed:
    """Sorted along the last axis."""
    return Feed(shape=shape, dtype=dtype, draw=lambda rng, size: np.sort(rng.normal(size=size) * 4, axis=-1))


def odd(*shape: int) -> Feed:
    """Floats of which some are NaN, infinite, zero."""

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> Any:
        values = rng.normal(size=size).reshape(-1)
        values[::5], values[1::7], values[2::7], values[3::11] = np.nan, np.inf, -np.inf, 0.0
        return values.reshape(size)

    return Feed(shape=shape, dtype="float32", draw=draw)


def gappy(*shape: int) -> Feed:
    """Floats of which some are NaN."""

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> Any:
        values = rng.normal(size=size).reshape(-1)
        values[::4] = np.nan
        return values.reshape(size)

    return Feed(shape=shape, dtype="float32", draw=draw)
