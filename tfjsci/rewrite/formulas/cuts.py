"""What Slice and StridedSlice cut out of each dimension, once masks, ellipses and new dimensions are read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfjsci.catalog.node_view import NodeView


@dataclass(frozen=True, kw_only=True)
class Cut:
    """``begin:end:step`` of one dimension, as in Python; with ``index`` it is the one at ``begin``, and the dimension goes."""

    begin: int | None = None
    end: int | None = None
    step: int = 1
    index: bool = False

    def whole(self, size: int | None) -> bool:
        """Whether it surely leaves the dimension as it is."""
        if self.step != 1 or self.index:
            return False
        from_start = self.begin in (None, 0) or (size is not None and self.begin is not None and self.begin <= -size)
        return from_start and (self.end is None or (size is not None and self.end >= size))

    def left(self, size: int | None) -> int | None:
        """How many are left, where that is known."""
        if self.index:
            return 1
        return None if size is None else len(range(*slice(self.begin, self.end, self.step).indices(size)))


NEW = "new"
"""In a layout: a dimension of 1 that the result has and the input hasn't."""

Layout = tuple["int | str", ...]
"""For each dimension of the result the input's axis that it comes from, or NEW."""


def slice_cuts(begin: Sequence[int], sizes: Sequence[int]) -> tuple[Cut, ...]:
    """Of a Slice: -1 is all that is left."""
    return tuple(Cut(begin=b, end=None if n == -1 else b + n) for b, n in zip(begin, sizes, strict=True))


def strided_cuts(
    view: NodeView, begin: Sequence[int], end: Sequence[int], steps: Sequence[int], rank: int
) -> tuple[tuple[Cut, ...], Layout]:
    """Of a StridedSlice: the cut of every axis, and where the result's dimensions come from."""
    masks = {name: view.number(f"{name}_mask", 0) for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}

    def masked(name: str, i: int) -> bool:
        return bool(masks[name] >> i & 1)

    cuts: list[Cut] = []
    layout: list[int | str] = []
    given = range(len(steps))
    named = sum(not masked("ellipsis", i) and not masked("new_axis", i) for i in given)
    for i in given:
        if masked("ellipsis", i):
            rest = rank - named
            layout += range(len(cuts), len(cuts) + rest)
            cuts += [Cut()] * rest
        elif masked("new_axis", i):
            layout.append(NEW)
        elif masked("shrink_axis", i):
            at = begin[i]
            cuts.append(Cut(begin=at, end=None if at == -1 else at + 1, index=True))
        else:
            layout.append(len(cuts))
            cuts.append(
                Cut(
                    begin=None if masked("begin", i) else begin[i],
                    end=None if masked("end", i) else end[i],
                    step=steps[i],
                )
            )
    layout += range(len(cuts), rank)
    cuts += [Cut()] * (rank - len(cuts))
    return tuple(cuts), tuple(layout)


def constant_cuts(view: NodeView) -> tuple[tuple[Cut, ...], Layout] | None:
    """The same of a StridedSlice whose begin, end and steps are constants, of a tensor of known rank."""
    rank, values = view.rank(0), [view.value(index) for index in (1, 2, 3)]
    if rank is None or values[0] is None or values[1] is None or values[2] is None:
        return None
    begin, end, steps = ([int(n) for n in value.reshape(-1)] for value in values if value is not None)
    return strided_cuts(view, begin, end, steps, rank)
