"""Boxes picked one after the other, the best first, each lowering the scores of those that it overlaps: as often as told.

What NonMaxSuppression does in a loop, written out, for the kinds that the runtime hasn't got.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import (
    Tensor,
    arange,
    arg,
    binary,
    both,
    cast,
    const,
    either,
    equal,
    expand,
    gather,
    make,
    maximum,
    minimum,
    reduce,
    reshape,
    size,
    split,
    stack,
    unary,
    where,
)
from tfjsci.rewrite.rule import Declined

LOWEST = -1e19
"""The score of a box that is out: below any other, and above what webgl takes for the least number, -1e20."""

MOST = 128
"""Boxes to pick: each costs some ten nodes."""

TOO_MANY = Declined(reason=f"more than {MOST} boxes are to be picked, each of which takes nodes of its own")
UNKNOWN_COUNT = Declined(reason="how many boxes are to be picked isn't known before the model runs")


@dataclass(frozen=True, kw_only=True)
class Picked:
    """``count`` numbers of boxes (int32), the scores for which they were picked, and which of them count: the first ones."""

    indices: Tensor
    scores: Tensor
    valid: Tensor

    @property
    def padded(self) -> tuple[Tensor, Tensor, Tensor]:
        """Indices and scores with zeros for what doesn't count, and how many do."""
        ones = cast(self.valid, "int32")
        return self.indices * ones, where(self.valid, self.scores, 0.0), reduce("Sum", ones)

    @property
    def alone(self) -> tuple[Tensor, Tensor, Tensor]:
        """Those that count. Found by Where, which a browser may wait for; a slice's size must be there at once."""
        at = make("Where", [self.valid], dtype="int64", shape=(None, 1), T=DType("bool"))
        places = reshape(cast(at, "int32"), [-1])
        return gather(self.indices, places), gather(self.scores, places), reduce("Sum", cast(self.valid, "int32"))


def picked(scores: Tensor, threshold: Tensor, count: int, lowered: Callable[[Tensor, Tensor], Tensor]) -> Picked:
    """``lowered`` makes the scores [n] anew after the box of a number ([1], int32) was picked."""
    everyone = arange(size(scores, 0))
    scores = where(scores > threshold, scores, LOWEST)
    indices, best = [], []
    for step in range(count):
        at = expand(arg("ArgMax", scores, 0), 0)
        indices.append(at)
        best.append(reduce("Max", scores, [0]))
        if step < count - 1:
            scores = where(either(equal(everyone, at), scores <= LOWEST), LOWEST, lowered(scores, at))
    chosen = stack(best, 0)
    # Not above the threshold alone: with one of minus infinity, what is out would count.
    valid = both(chosen > threshold, chosen > LOWEST)
    return Picked(indices=reshape(stack(indices, 0), [count]), scores=chosen, valid=valid)


@dataclass(frozen=True, kw_only=True)
class Overlaps:
    """Of boxes [n, 4], given by any two opposite corners: intersection over union."""

    low: Tensor
    """[n, 2]"""
    high: Tensor
    area: Tensor
    """[n]"""

    @staticmethod
    def of(boxes: Tensor) -> Overlaps:
        """Prepared for all the steps."""
        first, second = split(cast(boxes, "float32"), 2, 1)
        low, high = minimum(first, second), maximum(first, second)
        return Overlaps(low=low, high=high, area=reduce("Prod", high - low, [1]))

    def with_box(self, at: Tensor) -> Tensor:
        """Of all with one; 0 where one has no area."""
        sides = minimum(self.high, gather(self.high, at)) - maximum(self.low, gather(self.low, at))
        common = reduce("Prod", maximum(sides, 0.0), [1])
        whole = self.area + gather(self.area, at) - common
        return binary("DivNoNan", common, whole)


def softened(overlaps: Overlaps, sigma: float) -> Callable[[Tensor, Tensor], Tensor]:
    """Scores fall with the square of the overlap, by a bell curve."""
    factor = const(-0.5 / sigma)
    return lambda scores, at: scores * unary("Exp", factor * unary("Square", overlaps.with_box(at)))


def cut(overlaps: Tensor, threshold: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """What overlaps by more than the threshold, by a matrix (column: the one picked), is out."""
    everyone = size(overlaps, 0)
    return lambda scores, at: where(reshape(gather(overlaps, at, 1), [everyone]) > threshold, LOWEST, scores)
