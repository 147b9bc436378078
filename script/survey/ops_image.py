"""``keras.ops.image``: resizing, colours, cutting, warping, filters."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case
from feeds import between, given, normal, whole
from op_case import op

_IMAGE = between(0.0, 1.0, 2, 9, 7, 3)
_FIRST = between(0.0, 1.0, 2, 3, 9, 7)


def _resized() -> Iterator[Case]:
    for how in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield from op("image.resize", _IMAGE, size=(5, 11), interpolation=how, case=how)
        yield from op("image.resize", _IMAGE, size=(5, 4), interpolation=how, antialias=True, case=f"{how}_antialias")
    yield from op("image.resize", _IMAGE.open(0, 1, 2), size=(5, 11), case="open")
    yield from op("image.resize", _IMAGE, size=(6, 6), crop_to_aspect_ratio=True, case="cropped")
    yield from op("image.resize", _IMAGE, size=(6, 6), pad_to_aspect_ratio=True, case="padded")
    yield from op("image.resize", _FIRST, size=(5, 11), data_format="channels_first", case="channels_first")
    yield from op("image.resize", whole(0, 255, 9, 7, 3, dtype="uint8"), size=(5, 11), case="uint8")
    for how in ("linear", "cubic", "lanczos3"):
        yield from op(
            "image.scale_and_translate", _IMAGE, given([1.2, 0.7]), given([0.5, -0.3]),
            call=lambda o, x, s, t, how=how: o.image.scale_and_translate(x, (2, 8, 5, 3), s, t, (1, 2), how), case=how,
        )  # fmt: skip


def _coloured() -> Iterator[Case]:
    for name in ("rgb_to_grayscale", "rgb_to_hsv", "hsv_to_rgb"):
        yield from op(f"image.{name}", _IMAGE, opened=True)
        yield from op(f"image.{name}", _FIRST, data_format="channels_first", case="channels_first")


def _cut() -> Iterator[Case]:
    yield from op("image.crop_images", _IMAGE, top_cropping=1, left_cropping=2, target_height=5, target_width=4)
    yield from op("image.pad_images", _IMAGE, top_padding=1, left_padding=2, target_height=12, target_width=10)
    yield from op("image.extract_patches", _IMAGE, size=3, opened=True)
    yield from op("image.extract_patches", _IMAGE, size=(3, 2), strides=2, padding="same", case="strided")
    yield from op("image.extract_patches", _IMAGE, size=3, strides=1, dilation_rate=2, case="dilated")
    yield from op("image.extract_patches_3d", normal(1, 4, 6, 5, 2), size=2)


def _warped() -> Iterator[Case]:
    turn = given([[0.9, 0.2, 0.5, -0.1, 1.1, 0.3, 0.0, 0.0], [1.0, 0.0, 1.5, 0.0, 1.0, -2.0, 0.0, 0.0]])
    for how in ("nearest", "bilinear"):
        yield from op("image.affine_transform", _IMAGE, turn, interpolation=how, case=how)
    for mode in ("reflect", "wrap", "nearest"):
        yield from op("image.affine_transform", _IMAGE, turn, fill_mode=mode, case=f"fill_{mode}")
    corners = given([[[0.0, 0.0], [0.0, 6.0], [8.0, 0.0], [8.0, 6.0]]] * 2)
    moved = given([[[1.0, 0.5], [0.2, 5.0], [7.0, 1.0], [8.0, 6.0]]] * 2)
    yield from op("image.perspective_transform", _IMAGE, corners, moved)
    coordinates = between(0.2, 3.5, 2, 5, 6)
    for order in (0, 1):
        yield from op("image.map_coordinates", normal(5, 6), coordinates, order=order, case=f"order_{order}")
    for mode in ("nearest", "wrap", "mirror", "reflect"):
        far = between(-3, 4, 2, 5, 6)
        yield from op("image.map_coordinates", normal(5, 6), far, order=1, fill_mode=mode, case=mode)


def _filtered() -> Iterator[Case]:
    yield from op("image.gaussian_blur", _IMAGE, kernel_size=(3, 5), sigma=(1.0, 1.5))
    yield from op("image.sobel_edges", _IMAGE)
    big = between(0.0, 1.0, 2, 16, 14, 3)
    yield from op("image.ssim", big, between(0.0, 1.0, 2, 16, 14, 3))


IMAGE: tuple[Case, ...] = (*_resized(), *_coloured(), *_cut(), *_warped(), *_filtered())
