"""How large that is whose dimensions are put in another order or together, added or taken away; and how many there are."""

from __future__ import annotations

import math

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked


def transposed(asked: Asked) -> Shape:
    """Of dimensions in an order that is constant."""
    dims = asked.dims[0]
    order = asked.axes(1, len(dims)) if len(asked.dims[1]) == 1 else None
    return tuple(dims[i] for i in order) if order is not None and sorted(order) == list(range(len(dims))) else None


def reshaped(asked: Asked) -> Shape:
    """Of numbers in the shape that is told, as far as it is known; one -1 takes the rest."""
    dims, wanted = asked.dims[0], asked.held(1)
    if (
        wanted is None
        or len(asked.dims[1]) != 1
        or wanted.count(-1) > 1
        or any(n is not None and n < -1 for n in wanted)
    ):
        return None
    found: list[int | None] = [None if n == -1 else n for n in wanted]
    open_ = dims.count(None)
    there = math.prod(n for n in dims if n is not None)
    told = math.prod(n for n in found if n is not None)
    if there == 0 or told == 0:
        return None  # what a -1 is then is another matter
    if open_ > 1 or found.count(None) > 1:
        return tuple(found)
    if None not in found:
        fits = told % there == 0 if open_ else there == told
        return tuple(found) if fits else None
    if open_:
        return tuple(found)
    return None if there % told else tuple(there // told if n is None else n for n in found)


def reduced(asked: Asked) -> Shape:
    """Without the dimensions that are reduced, or with ones in their places."""
    dims = asked.dims[0]
    axes = asked.axes(1, len(dims)) if len(asked.dims[1]) < 2 else None
    if axes is None or len(set(axes)) < len(axes):
        return None
    if asked.node.attrs.get("keep_dims"):
        return tuple(1 if i in axes else n for i, n in enumerate(dims))
    return tuple(n for i, n in enumerate(dims) if i not in axes)


def expanded(asked: Asked) -> Shape:
    """With a one more."""
    dims = asked.dims[0]
    axes = asked.axes(1, len(dims) + 1)
    return (*dims[: axes[0]], 1, *dims[axes[0] :]) if axes is not None and len(axes) == 1 else None


def squeezed(asked: Asked) -> Shape:
    """Without the ones that are named; none named means all there are, which only the run may tell."""
    dims, gone = asked.dims[0], asked.node.attrs.get("squeeze_dims")
    if not isinstance(gone, tuple) or not gone:
        return None
    places = {n % len(dims) for n in gone if isinstance(n, int) and -len(dims) <= n < len(dims)}
    if len(places) < len(gone) or any(dims[place] not in (1, None) for place in places):
        return None
    return tuple(n for i, n in enumerate(dims) if i not in places)


def sizes(asked: Asked) -> Shape:
    """A vector of as many as the input has dimensions."""
    return (len(asked.dims[0]),)
