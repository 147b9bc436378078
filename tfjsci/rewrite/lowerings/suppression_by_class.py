"""CombinedNonMaxSuppression(boxes, scores)  ->  NonMaxSuppressionV3 of each class, then the best of all classes by TopKV2

Images of a batch are suppressed together, moved apart so that their boxes can't overlap. Of one image, each class gets as many
boxes as it may; of several, all that remain, of which TopKV2 takes the best: the same, as one picks the best first.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    cast,
    concat,
    const,
    equal,
    expand,
    floor_div,
    gather,
    make,
    maximum,
    minimum,
    pad,
    product,
    reduce,
    reshape,
    scalar,
    scatter_nd,
    size,
    squeeze,
    stack,
    top_k,
    unary,
    unstack,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

MOST_CLASSES = 128
"""Each takes ten nodes, and waits for the GPU."""

_OUT = -3e38
"""The score of what was suppressed: nearly the least float."""


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Boxes, scores and classes of each image, padded with zeros, and how many count."""
    boxes, scores, _, _, overlap, threshold = node.inputs
    per_class, total = node.number_in(2), node.number_in(3)
    if per_class is None or total is None:
        return Declined(reason="how many boxes are wanted isn't known before the model runs")
    classes, sets = scores.sizes[2], boxes.sizes[2]
    if classes is None or sets is None:
        return Declined(reason="the number of classes isn't known before the model runs")
    if classes > MOST_CLASSES:
        return Declined(reason=f"there are {classes} classes; each takes nodes of its own, at most {MOST_CLASSES} do")
    images, count = size(boxes, 0), size(boxes, 1)
    flat = reshape(boxes, [product([images, count]), sets, 4])
    moved = _moved_apart(boxes, images, count, sets)
    by_set, by_class = unstack(moved, 1), unstack(reshape(scores, [product([images, count]), classes]), 1)
    most = _most(images, count, per_class)
    kept = []
    for number, one in enumerate(by_class):
        chosen = make(
            "NonMaxSuppressionV3",
            [by_set[number if sets > 1 else 0], one, most, overlap, threshold],
            dtype="int32",
            shape=(None,),
            T=DType(one.dtype),
            T_threshold=DType(overlap.dtype),
        )
        kept.append(reshape(where(_flags(chosen, size(one, 0)), one, _OUT), [images, count]))
    # As many more columns as are taken, so that there are enough whatever the number of boxes.
    everyone = pad(stack(kept, 1), [(0, 0), (0, 0), (0, per_class)], _OUT)
    best, at = top_k(everyone, per_class)
    columns = classes * per_class
    wanted = min(total, columns) if node.flag("pad_per_class", False) else total
    best = pad(reshape(best, [images, columns]), [(0, 0), (0, max(wanted - columns, 0))], _OUT)
    best, place = top_k(best, wanted)
    place = minimum(place, columns - 1)
    row = expand(arange(images), 1)
    which = gather(reshape(at, [-1]), row * columns + place)
    of_class = floor_div(place, per_class)
    box = row * scalar(count) + minimum(which, scalar(count) - 1)
    found = gather(reshape(flat, [-1, 4]), box * sets + of_class) if sets > 1 else gather(squeeze(flat, 1), box)
    if node.flag("clip_boxes", True):
        found = minimum(maximum(found, 0), 1)
    valid = best > _OUT
    return (
        where(expand(valid, 2), found, 0.0),
        where(valid, best, 0.0),
        where(valid, cast(of_class, "float32"), 0.0),
        reduce("Sum", cast(valid, "int32"), [1]),
    )


def _moved_apart(boxes: Tensor, images: Dim, count: Dim, sets: int) -> Tensor:
    """[images · boxes, sets, 4]: the boxes of each image as far from those before as they can reach."""
    if isinstance(images, int) and images == 1:
        return squeeze(boxes, 0)
    reach = 2 * reduce("Max", unary("Abs", boxes)) + 1
    steps = reshape(arange(images, "float32"), [images, 1, 1, 1])
    return reshape(boxes + cast(steps, boxes.dtype) * reach, [product([images, count]), sets, 4])


def _most(images: Dim, count: Dim, per_class: int) -> Tensor:
    if isinstance(images, int):
        return const(per_class) if images == 1 else scalar(product([images, count]))
    one = cast(equal(images, 1), "int32")
    return one * per_class + (1 - one) * scalar(product([images, count]))


def _flags(chosen: Tensor, count: Dim) -> Tensor:
    """[count] whether each is among those chosen. One more is added as 0, so that there is always something to scatter."""
    some = concat([chosen, const([0])], 0)
    counted = concat([unary("OnesLike", cast(chosen, "float32")), const([0.0])], 0)
    return scatter_nd(expand(some, 1), counted, [count]) > 0


LOWERING = Lowering(
    name="suppression_by_class",
    ops=("CombinedNonMaxSuppression",),
    equation="CombinedNonMaxSuppression(boxes, scores) → NonMaxSuppressionV3 of each class, then the best of all",
    lower=lower,
    accuracy="of several images in a batch, overlaps are reckoned a few digits less exactly",
)
