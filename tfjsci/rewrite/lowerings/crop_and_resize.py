"""CropAndResize(images, boxes, which)  ->  pixels of image which[i], gathered at the places that box i asks for

The GPU backends mix up the images. A pixel outside of its image is the extrapolation value.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, arange, both, cast, expand, reshape, size, unary, unstack, where
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.formulas.pixels import Images, last, rounded
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """One Gather for the nearest pixel, four for the bilinear mean."""
    images, boxes, which = node.inputs[:3]
    new = known_value(node.graph, node.node.inputs[3])
    if new is None:
        return Declined(reason="the size of the crops isn't known before the model runs")
    rows, columns = (int(n) for n in new.reshape(-1))
    top, left, bottom, right = unstack(cast(boxes, "float32"), 1)
    y = expand(_places(top, bottom, size(images, 1), rows), 2)
    x = expand(_places(left, right, size(images, 2), columns), 1)
    images = cast(images, "float32")
    one = images.sizes[0] == 1
    read = Images(x=images, which=None if one else reshape(which, [size(which, 0), 1, 1]))
    made = _nearest(read, y, x) if node.text("method", "bilinear") == "nearest" else _bilinear(read, y, x)
    found = both(_is_inside(y, size(images, 1)), _is_inside(x, size(images, 2)))
    value = node.attr("extrapolation_value")
    return where(expand(found, 3), made, float(value) if isinstance(value, (int, float)) else 0.0)


def _places(begin: Tensor, end: Tensor, pixels: Dim, wanted: int) -> Tensor:
    """[boxes, wanted]; a single one lies in the middle of the box."""
    if wanted == 1:
        return expand(0.5 * (begin + end) * last(pixels), 1)
    step = (end - begin) * last(pixels) / float(wanted - 1)
    return expand(begin * last(pixels), 1) + arange(wanted, "float32") * expand(step, 1)


def _is_inside(place: Tensor, pixels: Dim) -> Tensor:
    return both(place >= 0, place <= last(pixels))


def _nearest(images: Images, y: Tensor, x: Tensor) -> Tensor:
    return images.at(rounded(y), rounded(x))


def _bilinear(images: Images, y: Tensor, x: Tensor) -> Tensor:
    above, before = unary("Floor", y), unary("Floor", x)
    below, after = unary("Ceil", y), unary("Ceil", x)
    down, across = expand(y - above, 3), expand(x - before, 3)
    upper = _mixed(images.at(above, before), images.at(above, after), across)
    lower = _mixed(images.at(below, before), images.at(below, after), across)
    return _mixed(upper, lower, down)


def _mixed(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    return a + (b - a) * share


LOWERING = Lowering(
    name="crop_and_resize",
    ops=("CropAndResize",),
    equation="CropAndResize(images, boxes, which) → pixels of image which[i] gathered for box i",
    lower=lower,
    accuracy="on webgl up to 16 million pixels, as numbers of pixels are floats there",
)
