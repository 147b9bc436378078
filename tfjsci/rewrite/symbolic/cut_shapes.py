"""How much Slice and StridedSlice leave of each dimension."""

from __future__ import annotations

from tfjsci.rewrite.formulas.cuts import NEW, strided_cuts
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Asked
from tfjsci.rewrite.symbolic.dims import Open, of_values
from tfjsci.rewrite.symbolic.size import Number


def sliced(asked: Asked) -> Open | None:
    """Of a Slice: the sizes themselves, or what is left behind the begin where one is -1."""
    dims, begin, count = asked.shape(0), asked.vector(1), asked.vector(2)
    if dims is None or begin is None or count is None:
        return None
    cut = zip(dims, begin, count, strict=True)
    left = [size.larger(size.subtract(n, b), 0) if c == -1 else c for n, b, c in cut]
    return of_values(left)


def strided(asked: Asked) -> Open | None:
    """Of a StridedSlice: each axis cut, dropped or put in, as its masks say."""
    dims, begin, end, steps = asked.shape(0), asked.vector(1), asked.vector(2), asked.ints(3)
    if dims is None or begin is None or end is None or steps is None:
        return None
    places = range(len(steps))
    cuts, layout = strided_cuts(asked.view, places, places, steps, len(dims))
    found: list[Number | None] = []
    for source in layout:
        if source == NEW:
            found.append(1)
            continue
        cut, n = cuts[int(source)], dims[int(source)]
        low = 0 if cut.begin is None else begin[cut.begin]
        high = n if cut.end is None else end[cut.end]
        if cut.step != 1:
            bounds = [None if at is None else given[at] for at, given in ((cut.begin, begin), (cut.end, end))]
            found.append(_stepped(n, bounds[0], bounds[1], cut.step))
        else:
            found.append(_left_between(n, low, high))
    return tuple(found)


def _stepped(n: Number, low: Number | None, high: Number | None, step: int) -> Number | None:
    if isinstance(n, size.Size) or isinstance(low, size.Size) or isinstance(high, size.Size):
        return None if (low, high, step) != (None, None, -1) else n
    return len(range(*slice(low, high, step).indices(n)))


def _left_between(n: Number, low: Number, high: Number) -> Number | None:
    """How many of ``n`` are left from ``low`` up to ``high``, both as in Python; None where it can't be told."""
    bounds: list[Number] = []
    for bound in (low, high):
        least = size.at_least(bound)
        if least is not None and least >= 0:
            bounds.append(size.smaller(bound, n))
        elif isinstance(bound, int):
            bounds.append(size.larger(size.add(n, bound), 0))
        else:
            return None
    return size.larger(size.subtract(bounds[1], bounds[0]), 0)
