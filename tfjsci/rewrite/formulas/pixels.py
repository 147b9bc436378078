"""Pixels of images read at places that are reckoned in the run, rounded or mixed of the four around."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.rewrite.build import Dim, Tensor, cast, gather, maximum, minimum, product, reshape, scalar, size, unary


@dataclass(frozen=True, kw_only=True)
class Images:
    """``x`` [batch, height, width, channels], and ``which`` of them is read: int32, spread over the places like they are."""

    x: Tensor
    which: Tensor | None
    """None: there is one."""

    def at(self, y: Tensor, x: Tensor) -> Tensor:
        """The pixels [..., channels] at whole places (floats), which are brought inside where they aren't."""
        height, width = size(self.x, 1), size(self.x, 2)
        row, column = cast(inside(y, height), "int32"), cast(inside(x, width), "int32")
        if self.which is not None:
            row = self.which * scalar(height) + row
        flat = reshape(self.x, [product([size(self.x, 0), height, width]), size(self.x, 3)])
        return gather(flat, row * scalar(width) + column)


def last(n: Dim) -> Tensor:
    """The number of the last pixel, as a float."""
    return scalar(n, "float32") - 1 if isinstance(n, Tensor) else scalar(n - 1, "float32")


def inside(place: Tensor, n: Dim) -> Tensor:
    """Brought to the first or the last pixel."""
    return maximum(minimum(place, last(n)), 0)


def rounded(place: Tensor) -> Tensor:
    """The nearest whole number, the upper one of two."""
    floor = unary("Floor", place)
    return floor + cast(place - floor >= 0.5, "float32")
