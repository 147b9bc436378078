"""ImageProjectiveTransformV3(images, t)  ->  pixels gathered at ((t0 x + t1 y + t2) / k, (t3 x + t4 y + t5) / k)

where k = t6 x + t7 y + 1.

The runtime's own takes floats only, wasm reflects wrongly, cpu does the first image of a batch, webgpu wants a transform for
each image, and all but wasm round the middle between two pixels otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    both,
    cast,
    equal,
    expand,
    maximum,
    minimum,
    not_equal,
    reshape,
    size,
    unary,
    unstack,
    where,
)
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.formulas.pixels import Images, inside, last, rounded
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The places of all pixels, then one Gather for the nearest, four for the bilinear mean."""
    images, transforms, _, fill = node.inputs[:4]
    wanted = known_value(node.graph, node.node.inputs[2])
    height, width = (int(n) for n in wanted.reshape(-1)) if wanted is not None else unstack(node.inputs[2], 0)
    numbers = [reshape(each, [size(transforms, 0), 1, 1]) for each in unstack(transforms, 1)]
    x = reshape(arange(width, "float32"), [1, 1, width])
    y = reshape(arange(height, "float32"), [1, height, 1])
    across = numbers[0] * x + numbers[1] * y + numbers[2]
    down = numbers[3] * x + numbers[4] * y + numbers[5]
    known = node.value(1)
    there: Tensor | None = None
    if known is None or known.reshape(-1, 8)[:, 6:].any():
        below = numbers[6] * x + numbers[7] * y + 1
        there = not_equal(below, 0)  # elsewhere the place is infinitely far
        below = below + cast(equal(below, 0), "float32")
        across, down = across / below, down / below
    mode = node.text("fill_mode", "CONSTANT").upper()
    if mode not in _MODES:
        return Declined(reason=f"there is no fill mode {mode}")
    mapped = _MODES[mode]
    down, across = mapped(down, size(images, 1)), mapped(across, size(images, 2))
    which = None if images.sizes[0] == 1 else reshape(arange(size(images, 0)), [size(images, 0), 1, 1])
    made = (
        _nearest(images, which, down, across, fill, outside=mode == "CONSTANT")
        if node.text("interpolation").upper() == "NEAREST"
        else _bilinear(images, which, down, across, fill, outside=mode == "CONSTANT")
    )
    return made if there is None else where(expand(there, 3), made, cast(fill, made.dtype))


def _constant(place: Tensor, n: Dim) -> Tensor:  # noqa: ARG001  # the others need it
    return place


def _reflected(place: Tensor, n: Dim) -> Tensor:
    """Forth and back, the border pixel twice: within a period of twice the size, the nearer way."""
    period = 2 * (last(n) + 1)
    rest = place - period * unary("Floor", place / period)
    return inside(minimum(rest, period - 1 - rest), n)


def _wrapped(place: Tensor, n: Dim) -> Tensor:
    """Around, by whole sizes; how many is told by the distance between the first and the last pixel."""
    end = last(n)
    length, steps = end + 1, maximum(end, 1)
    before = place + length * (unary("Floor", -place / steps) + 1)
    after = place - length * unary("Floor", place / steps)
    return inside(where(place < 0, before, where(place > end, after, place)), n)


_MODES: dict[str, Callable[[Tensor, Dim], Tensor]] = {
    "CONSTANT": _constant,
    "NEAREST": inside,
    "REFLECT": _reflected,
    "WRAP": _wrapped,
}


def _nearest(images: Tensor, which: Tensor | None, y: Tensor, x: Tensor, fill: Tensor, *, outside: bool) -> Tensor:
    row, column = rounded(y), rounded(x)
    made = Images(x=images, which=which).at(row, column)
    if not outside:
        return made
    # -1/2 itself is rounded away from 0, and so out of the image
    found = both(both(y > -0.5, row <= last(size(images, 1))), both(x > -0.5, column <= last(size(images, 2))))
    return where(expand(found, 3), made, cast(fill, images.dtype))


def _bilinear(images: Tensor, which: Tensor | None, y: Tensor, x: Tensor, fill: Tensor, *, outside: bool) -> Tensor:
    """Each of the four counts by how near it is; with ``outside``, one that isn't in the image is ``fill``."""
    read = Images(x=cast(images, "float32"), which=which)
    y0, x0 = unary("Floor", y), unary("Floor", x)
    down, across = expand(y - y0, 3), expand(x - x0, 3)

    def pixel(row: Tensor, column: Tensor) -> Tensor:
        made = read.at(row, column)
        if not outside:
            return made
        found = both(_is_inside(row, size(images, 1)), _is_inside(column, size(images, 2)))
        return where(expand(found, 3), made, cast(fill, "float32"))

    upper = (1 - across) * pixel(y0, x0) + across * pixel(y0, x0 + 1)
    lower = (1 - across) * pixel(y0 + 1, x0) + across * pixel(y0 + 1, x0 + 1)
    return cast((1 - down) * upper + down * lower, images.dtype)


def _is_inside(place: Tensor, n: Dim) -> Tensor:
    return both(place >= 0, place <= last(n))


LOWERING = Lowering(
    name="projective_transform",
    ops=("ImageProjectiveTransformV3",),
    equation="ImageProjectiveTransformV3(images, t) → pixels gathered where t leads",
    lower=lower,
    accuracy="on webgl up to 16 million pixels, as numbers of pixels are floats there",
)
