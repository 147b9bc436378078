"""Images: pixels taken from the wrong place, batches that are mixed up, boxes that touch the threshold.

Sources: the kernels ResizeNearestNeighbor, CropAndResize and Transform of each backend and ``non_max_suppression_impl`` of
tfjs-core, all 4.22.0, and what the browser did (op_cases).
"""

from __future__ import annotations

import numpy as np

from tfjsci.catalog.nearest_pixels import By, nearest_pixels
from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import GPU, Restriction, ops
from tfjsci.graph.graph import Array

_NMS = ops("NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5")

ROUND_PLACES = 4
"""Decimal places of a threshold that someone wrote, and that an overlap may be exactly."""


class TakesAnother:
    """``when`` of a backend that takes other pixels than TensorFlow: told from the sizes, where they are known."""

    def __init__(self, by: By) -> None:
        self.by = by

    def __call__(self, view: NodeView) -> bool | str:
        """The sizes for which it does."""
        new = view.value(1)
        if new is None or new.size != 2:
            return False
        align, half = view.flag("align_corners", False), view.flag("half_pixel_centers", False)
        for axis in (1, 2):
            old, wanted = view.size(0, axis), int(new.reshape(-1)[axis - 1])
            if not old or wanted < 1:
                continue
            right, found = (
                nearest_pixels(old, wanted, align_corners=align, half_pixel_centers=half, by=by)
                for by in ("tensorflow", self.by)
            )
            if not np.array_equal(right, found):
                return f"from {old} to {wanted} pixels"
        return False


def _boxes_of_other_images(view: NodeView) -> bool:
    """Unless each box is surely cut from the image of its own number."""
    which = view.value(2)
    return which is None or not np.array_equal(which, np.arange(which.size))


def _image_beyond_boxes(view: NodeView) -> bool:
    """Images by a number that isn't below the number of boxes: possible unless there is one image."""
    which, images = view.value(2), view.size(0, 0)
    return images != 1 if which is None else bool((which.astype(np.int64) >= which.size).any())


def _several_images(view: NodeView) -> bool:
    return view.size(0, 0) != 1


def _one_transform_for_several(view: NodeView) -> bool:
    return view.size(0, 0) != 1 and view.size(1, 0) in (1, None)


def _between_pixels(view: NodeView) -> bool:
    """Unless the transforms are known, and none leads to the middle between two pixels."""
    if view.text("interpolation").upper() != "NEAREST":
        return False
    transforms, new = view.value(1), view.value(2)
    if transforms is None or new is None or new.size != 2:
        return True
    y, x = np.mgrid[: int(new[0]), : int(new[1])].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        for a0, a1, a2, b0, b1, b2, c0, c1 in transforms.reshape(-1, 8).astype(np.float64):
            below = c0 * x + c1 * y + 1
            for place in ((a0 * x + a1 * y + a2) / below, (b0 * x + b1 * y + b2) / below):
                if (np.abs(place - np.floor(place) - 0.5) < 1e-4).any():  # floats of sizes in the hundreds
                    return True
    return False


def _not_float(view: NodeView) -> bool | str:
    dtype = view.dtype(0, "dtype")
    return dtype if dtype is not None and not dtype.startswith(("float", "bfloat")) else False


def is_round(threshold: Array) -> bool:
    """Whether it is as someone writes it, so that an overlap may be just that."""
    if threshold.size != 1 or threshold.dtype.kind not in "fiu":
        return False
    written = float(threshold.reshape(-1)[0])
    return bool(np.float32(round(written, ROUND_PLACES)) == np.float32(written))


def _round_threshold(view: NodeView) -> bool | str:
    value = view.value(3)
    return f"{float(value.reshape(-1)[0]):g}" if value is not None and is_round(value) else False


def _padded_beyond_boxes(view: NodeView) -> bool:
    """Unless there are surely as many boxes as are wanted."""
    if not view.flag("pad_to_max_output_size", False):
        return False
    boxes, wanted = view.size(0, 0), view.value(2)
    return boxes is None or wanted is None or int(wanted.reshape(-1)[0]) > boxes


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("ResizeNearestNeighbor"),
        effect="silently wrong",
        says="cpu reckons in doubles, and takes another pixel where two are equally near",
        when=TakesAnother("cpu"),
        backends=("cpu",),
        hint="Resize to another size.",
    ),
    Restriction(
        ops=ops("ResizeNearestNeighbor"),
        effect="silently wrong",
        says="the GPU backends round up what is a little below the middle between two pixels",
        when=TakesAnother("gpu"),
        backends=GPU,
        hint="Resize to another size, or without align_corners.",
    ),
    Restriction(
        ops=ops("CropAndResize"),
        effect="silently wrong",
        says="webgl cuts each box from the image of the box's number, whatever box_ind says",
        when=_boxes_of_other_images,
        backends=("webgl",),
        hint="Gather the images by box_ind first, and cut box i from image i.",
    ),
    Restriction(
        ops=ops("CropAndResize"),
        effect="silently wrong",
        says="webgpu leaves out boxes of images whose number isn't below the number of boxes",
        when=_image_beyond_boxes,
        backends=("webgpu",),
        hint="Gather the images by box_ind first, and cut box i from image i.",
    ),
    Restriction(
        ops=ops("ImageProjectiveTransformV3"),
        effect="silently wrong",
        says="cpu transforms the first image only",
        when=_several_images,
        backends=("cpu",),
        hint="Transform one image at a time.",
    ),
    Restriction(
        ops=ops("ImageProjectiveTransformV3"),
        effect="silently wrong",
        says="webgpu needs a transform for each image",
        when=_one_transform_for_several,
        backends=("webgpu",),
        hint="Repeat the transform, once for each image.",
    ),
    Restriction(
        ops=ops("ImageProjectiveTransformV3"),
        effect="silently wrong",
        says="in the middle between two pixels, it takes another one than TensorFlow",
        when=_between_pixels,
        backends=("webgl", "webgpu", "cpu"),
        hint="Use interpolation BILINEAR, or wasm.",
    ),
    Restriction(
        ops=ops("ImageProjectiveTransformV3"),
        effect="throws",
        says="the runtime transforms floats only",
        when=_not_float,
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=_NMS,
        effect="silently wrong",
        says="a box that overlaps by exactly the threshold is dropped",
        when=_round_threshold,
        hint="Use a threshold that no overlap is equal to: a little more.",
    ),
    Restriction(
        ops=ops("NonMaxSuppressionV4"),
        effect="silently wrong",
        says="the result is padded to the number of boxes at most",
        when=_padded_beyond_boxes,
        hint="Ask for no more boxes than there are, or pad the result.",
    ),
    Restriction(
        ops=ops("NonMaxSuppressionV5"),
        effect="silently wrong",
        says="the result is never padded",
        when=lambda view: view.flag("pad_to_max_output_size", False),
        hint="Use pad_to_max_output_size=False, or NonMaxSuppressionV4.",
    ),
    Restriction(
        ops=ops("NonMaxSuppressionV5"),
        effect="throws",
        says="the runtime doesn't give the number of valid outputs",
        when=lambda view: view.uses_output(2),
        hint="Take the size of the first output.",
    ),
)
