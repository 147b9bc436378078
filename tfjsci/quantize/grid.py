"""The values that codes stand for: ``code * scale + offset``, evenly spaced, with zero among them where the range has it.

What a page adds up in float32 comes out alike on all backends: a scale has so few significant bits that ``code * scale`` is
exact, and the offset is a whole number of steps. So it doesn't matter whether a GPU fuses the two operations into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tfjsci.quantize.weight import Codes

Wide = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float32] | Wide

FLOAT32_MAX = float(np.finfo(np.float32).max)
SIGNIFICAND = 24
"""Bits of a float32's."""
HALF_SIGNIFICAND = 11
"""Of a float16's: a scale that is one is stored in two bytes. A step longer by 2^-11 costs no accuracy to speak of."""
SPARE_BITS = 4
"""Bits that a scale has, at most, beyond those of a code: then the last code is an eighth of a step farther out than it need be,
and the scales, a good part of a small weight in four bits, are smaller to download."""
STEPS_AWAY = 1792
"""How many steps from 0 a range may begin to begin at a whole one, which is stored in a byte or two: with a code added they stay
below 2048, up to which floats of 16 bits count."""
LEAST_EXPONENT = -149
"""2 to the power of it is the smallest float32 of all."""
LEAST_NORMAL = 2.0**-126
DOUBLE_SIGNIFICAND = 53
MODERATE = 2.0**-90, 2.0**60
"""Ranges, and steps, with whose errors float32 can reckon with room to spare."""
SHORT = 256
"""Values of a row below which rows lie beside each other while they are worked on."""

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Of each row, float64 [rows, 1]: the step between two codes' values, and code 0's value. ``steps`` is the largest code.

    ``single``: both are float32 values, and the products are reckoned in float32.
    """

    scale: Wide
    offset: Wide
    steps: int
    single: bool

    def codes(self, rows: Rows) -> Codes:
        """The nearest codes of finite values, uint8 (uint16 above 255) of their shape; none that float32 can't hold."""
        turned = _turned(rows)
        offset, inverse, first, last = (_lying(each, turned) for each in (self.offset, 1 / self.scale, *self.reach()))
        wide = _lying(rows, turned).astype(np.float64)
        wide -= offset
        wide *= inverse
        np.rint(wide, out=wide)
        if first.max() == 0 and last.min() == self.steps:  # of one number for all rows clip is quick
            np.clip(wide, 0, self.steps, out=wide)
        else:
            np.clip(wide, first, last, out=wide)
        codes = wide.astype(np.uint8 if self.steps < 256 else np.uint16)
        return codes.T if turned else codes

    @staticmethod
    def of_all(grids: Sequence[Grid]) -> Grid:
        """The rows of several, one after the other."""
        return Grid(
            scale=np.concatenate([each.scale for each in grids]),
            offset=np.concatenate([each.offset for each in grids]),
            steps=grids[0].steps,
            single=grids[0].single,
        )

    def where(self, better: npt.NDArray[np.bool_], other: Grid) -> Grid:
        """This grid in the rows that are ``better`` ([rows, 1]), the other's in the rest."""
        return Grid(
            scale=np.where(better, self.scale, other.scale),
            offset=np.where(better, self.offset, other.offset),
            steps=self.steps,
            single=self.single,
        )

    def reach(self) -> tuple[Wide, Wide]:
        """The codes whose values float32 holds: an infinite weight would make everything behind it NaN."""
        first = np.maximum(0, np.ceil((-FLOAT32_MAX - self.offset) / self.scale))
        last = np.minimum(self.steps, np.floor((FLOAT32_MAX - self.offset) / self.scale))
        if self.single:  # the product alone must not overflow either
            last = np.minimum(last, np.floor(FLOAT32_MAX / self.scale))
        return first, last


def _turned(rows: Rows) -> bool:
    """Whether rows are worked on as they lie beside each other: they are short, or lie so in memory."""
    return rows.shape[1] < SHORT or (rows.T.flags.c_contiguous and not rows.flags.c_contiguous)


def _lying(rows: npt.NDArray[Value], turned: bool) -> npt.NDArray[Value]:
    """[values, rows] where ``turned``: numpy works through the last dimension at a stretch, and short stretches are slow."""
    return np.ascontiguousarray(rows.T) if turned else rows


class Errors:
    """Squared errors of the same rows on one grid after the other; the space for that is taken once."""

    def __init__(self, rows: Rows) -> None:
        """``rows`` are [rows, values]; the sums are as exact as their dtype."""
        self._turned = _turned(rows)
        self._rows = _lying(rows, self._turned)
        self._scaled = np.empty_like(self._rows)
        self._nearest = np.empty_like(self._rows)

    def of(self, grid: Grid) -> Wide:
        """Of each row, float64 [rows, 1], the sum."""
        rows, scaled, nearest = self._rows, self._scaled, self._nearest
        offset, inverse = (_lying(each, self._turned).astype(rows.dtype) for each in (grid.offset, 1 / grid.scale))
        np.subtract(rows, offset, out=scaled)
        np.multiply(scaled, inverse, out=scaled)
        np.rint(scaled, out=nearest)
        np.clip(nearest, 0, grid.steps, out=nearest)
        np.subtract(nearest, scaled, out=nearest)
        if self._turned:
            squares = np.square(nearest, out=nearest).sum(axis=0)[:, None]
        else:
            squares = np.matmul(nearest[:, None, :], nearest[:, :, None])[:, 0]
        return np.asarray(squares.astype(np.float64) * grid.scale**2)


def grid_between(low: Wide, high: Wide, steps: int, *, single: bool) -> Grid:
    """The grid of each row's range, ``low`` and ``high`` float64 [rows, 1].

    A range that includes 0 gets it as a code's value, and is widened by at most one step for that: 0 moves up or down,
    whichever costs less. A range of one value has it as code 0.
    """
    constant = low == high
    plain = np.where(constant, 1.0, (high - low) / steps)
    below = np.minimum(-low / plain, steps)  # the division may round up past the end
    zeros = np.clip(np.floor(below), 0, steps), np.clip(np.ceil(below), 0, steps)
    scales = tuple(_reaching(low, high, zero, steps) for zero in zeros)
    zero, reaching = (np.where(scales[0] <= scales[1], *pair) for pair in (zeros, scales))
    has_zero = (low <= 0) & (high >= 0) & ~constant
    scale = np.where(has_zero, reaching, plain)
    if single:
        bits = min(HALF_SIGNIFICAND, SIGNIFICAND - steps.bit_length(), steps.bit_length() + SPARE_BITS)
        scale = _rounded(scale, bits, up=True)
        if (scale * steps > FLOAT32_MAX).any():  # the offset must be finite
            most = FLOAT32_MAX / np.where(has_zero, np.maximum(zero, 1), 1)
            scale = np.minimum(scale, _rounded(most, bits, up=False))
        away = np.rint(low / scale)
        near = (np.abs(away) <= STEPS_AWAY) & (np.abs(away * scale) <= FLOAT32_MAX) & ~constant & (steps < 256)
        low = np.where(near, away * scale, low.astype(np.float32))
    return Grid(scale=scale, offset=np.where(has_zero, -zero * scale, low), steps=steps, single=single)


def _reaching(low: Wide, high: Wide, zero: Wide, steps: int) -> Wide:
    """The least scale with which both ends are reached when ``zero`` stands for 0: the short side may need the longer steps.

    An end that has no step of its own is stored as 0: half a step off at most.
    """
    first, last = zero == 0, zero == steps
    down = np.where(first, -2 * low, -low / np.where(first, 1, zero))
    up = np.where(last, 2 * high, high / np.where(last, 1, steps - zero))
    return np.asarray(np.maximum(down, up))


def _rounded(scale: Wide, bits: int, *, up: bool) -> Wide:
    """To a positive number of so many significant bits, and of float32."""
    if (
        scale.min() >= LEAST_NORMAL
    ):  # then the bits past the last are zeros of the double; a carry goes on into its exponent
        rest = (1 << (DOUBLE_SIGNIFICAND - bits)) - 1
        whole = scale.view(np.int64) + (rest if up else 0)
        return (whole & ~rest).view(np.float64)
    _, exponent = np.frexp(scale)
    unit = np.maximum(exponent - bits, LEAST_EXPONENT)
    return np.asarray(np.ldexp((np.ceil if up else np.floor)(np.ldexp(scale, -unit)), unit))
