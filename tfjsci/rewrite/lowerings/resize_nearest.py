"""ResizeNearestNeighbor(x)  ->  Gather(Gather(x, rows), columns)

Where a backend's kernel would take other pixels than TensorFlow, or gives back whole numbers as floats. The pixels are reckoned
beforehand where the sizes are known, else in the run.
"""

from __future__ import annotations

from tfjsci.catalog.nearest_pixels import nearest_pixels
from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    UnknownShapeError,
    arange,
    cast,
    const,
    gather,
    minimum,
    scalar,
    size,
    unary,
    unstack,
)
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """A Gather along the height, and one along the width."""
    x = node.inputs[0]
    known = known_value(node.graph, node.node.inputs[1])
    wanted: list[Dim] = list(unstack(node.inputs[1], 0)) if known is None else [int(n) for n in known.reshape(-1)]
    if x.rank != 4 or len(wanted) != 2:
        raise UnknownShapeError("the images haven't 4 dimensions, or the size not 2")
    for axis, new in enumerate(wanted, start=1):
        x = gather(x, _pixels(node, size(x, axis), new), axis)
    return x


def _pixels(node: Subject, old: Dim, new: Dim) -> Tensor:
    align, half = node.flag("align_corners", False), node.flag("half_pixel_centers", False)
    if isinstance(old, int) and isinstance(new, int):
        return const(nearest_pixels(old, new, align_corners=align, half_pixel_centers=half, by="tensorflow"))
    last, olds, news = scalar(old, "float32") - 1, scalar(old, "float32"), scalar(new, "float32")
    place = arange(new, "float32")
    if align:
        steps = last / _at_least_1(news - 1)
        return cast(minimum(unary("Floor", place * steps + 0.5), last), "int32")
    place = (place + 0.5 if half else place) * (olds / news)
    return cast(minimum(unary("Floor", place), last), "int32")


def _at_least_1(x: Tensor) -> Tensor:
    """So that one new pixel is the first old one."""
    return x + cast(x < 1, "float32")


LOWERING = Lowering(
    name="resize_nearest",
    ops=("ResizeNearestNeighbor",),
    equation="ResizeNearestNeighbor(x) → Gather(Gather(x, rows), columns)",
    lower=lower,
)
