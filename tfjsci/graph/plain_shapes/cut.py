"""How large that is which is taken out of a tensor."""

from __future__ import annotations

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_values import cut_of, is_masked


def gathered(asked: Asked) -> Shape:
    """With the places' shape where the axis was."""
    axes = asked.axes(2, len(asked.dims[0])) if len(asked.dims) == 3 else None
    if axes is None or len(axes) != 1 or asked.node.attrs.get("batch_dims", 0):
        return None
    (at,) = axes
    return (*asked.dims[0][:at], *asked.dims[1], *asked.dims[0][at + 1 :])


def cut(asked: Asked) -> Shape:
    """Of a StridedSlice by constants, of dimensions that are known."""
    dims, attrs = asked.dims[0], asked.node.attrs
    begin, end, steps = asked.ints(1), asked.ints(2), asked.ints(3)
    if begin is None or len(begin) > len(dims):
        return None
    found: list[int | None] = list(dims)
    for at in range(len(begin)):
        size = dims[at]
        if size is None:
            return None  # what is left of an open size is another matter
        places = cut_of(attrs, at, size, begin, end, steps)
        if places is None:
            return None
        found[at] = len(places)
    return tuple(n for at, n in enumerate(found) if at >= len(begin) or not is_masked(attrs, "shrink_axis_mask", at))
