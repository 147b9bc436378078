"""How large that is which is put together of parts, or gets a frame."""

from __future__ import annotations

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_shapes.dims import Dims, merged
from tfjsci.graph.plain_shapes.elementwise import added


def joined(asked: Asked) -> Shape:
    """Of parts that are joined along an axis that is constant."""
    parts = asked.dims[:-1]
    axes = asked.axes(len(parts), len(parts[0])) if parts else None
    if axes is None or len(axes) != 1 or any(len(part) != len(parts[0]) for part in parts):
        return None
    (at,) = axes
    others: Dims | None = (*parts[0][:at], *parts[0][at + 1 :])
    for part in parts[1:]:
        others = None if others is None else merged(others, (*part[:at], *part[at + 1 :]))
    if others is None:
        return None
    sizes = [part[at] for part in parts]
    total = None if None in sizes else sum(n for n in sizes if n is not None)
    return (*others[:at], total, *others[at:])


def packed(asked: Asked) -> Shape:
    """Of parts of one shape, each a place of a new dimension."""
    each, at = added(asked), asked.node.attrs.get("axis", 0)
    if each is None or not isinstance(at, int) or not -len(each) - 1 <= at <= len(each):
        return None
    at %= len(each) + 1
    return (*each[:at], len(asked.dims), *each[at:])


def padded(asked: Asked) -> Shape:
    """With so much more before and behind, which is constant."""
    dims, around = asked.dims[0], asked.ints(1)
    if around is None or asked.dims[1] != (len(dims), 2) or min(around, default=0) < 0:
        return None
    return tuple(None if n is None else n + around[2 * i] + around[2 * i + 1] for i, n in enumerate(dims))
