"""Cases of the category image."""

from __future__ import annotations

from typing import Any

from .case import FLOAT, INT, OpCase, case, f32, i32, wave, whole

_IMAGES = wave(1, 3, 4, 2)


def _resize(align: bool, half: bool) -> dict[str, Any]:
    return {"T": FLOAT, "align_corners": align, "half_pixel_centers": half}


IMAGE: tuple[OpCase, ...] = (
    *(
        made
        for op in ("ResizeBilinear", "ResizeNearestNeighbor")
        for made in (
            case(op, _IMAGES, i32([6, 8]), **_resize(False, True)),
            case(f"{op}/corners", _IMAGES, i32([6, 8]), **_resize(True, False)),
            case(f"{op}/legacy", _IMAGES, i32([6, 8]), **_resize(False, False)),
            case(f"{op}/down", wave(1, 6, 8, 2), i32([3, 3]), **_resize(False, True)),
            case(f"{op}/int32", whole(1, 3, 4, 2), i32([6, 8]), **{**_resize(False, True), "T": INT}),
        )
    ),
    case(
        "CropAndResize",
        wave(2, 4, 4, 2), f32([[0.0, 0.0, 1.0, 1.0], [0.1, 0.2, 0.8, 0.9]]), i32([0, 1]), i32([3, 3]),
        T=FLOAT, method=b"bilinear", extrapolation_value=0.0,
    ),
    case(
        "CropAndResize/outside",
        wave(1, 4, 4, 2), f32([[-0.4, 0.0, 1.3, 1.0]]), i32([0]), i32([4, 3]),
        T=FLOAT, method=b"nearest", extrapolation_value=0.5,
    ),
    case("ResizeNearestNeighbor/doubles", wave(1, 2, 3, 1), i32([41, 4]), **_resize(False, True)),
    case("ResizeNearestNeighbor/half", wave(1, 2, 3, 1), i32([83, 4]), **_resize(True, False)),
    case(
        "CropAndResize/other-images",
        wave(3, 4, 4, 2), f32([[0.0, 0.0, 1.0, 1.0], [0.1, 0.2, 0.8, 0.9], [0.0, 0.1, 0.9, 1.0]]), i32([2, 0, 1]), i32([3, 3]),
        T=FLOAT, method=b"bilinear", extrapolation_value=0.0,
    ),
    case(
        "CropAndResize/one-of-several",
        wave(3, 4, 4, 2), f32([[0.0, 0.0, 1.0, 1.0]]), i32([2]), i32([3, 3]),
        T=FLOAT, method=b"bilinear", extrapolation_value=0.0,
    ),
    case(
        "ImageProjectiveTransformV3/batch",
        wave(2, 4, 4, 2), f32([[1.0, 0.2, -0.5, 0.1, 0.9, 0.3, 0.0, 0.0]] * 2), i32([4, 4]), f32(0.0),
        dtype=FLOAT, interpolation=b"BILINEAR", fill_mode=b"CONSTANT",
    ),
    case(
        "ImageProjectiveTransformV3/batch-one",
        wave(2, 4, 4, 2), f32([[1.0, 0.2, -0.5, 0.1, 0.9, 0.3, 0.0, 0.0]]), i32([4, 4]), f32(0.0),
        dtype=FLOAT, interpolation=b"BILINEAR", fill_mode=b"CONSTANT",
    ),
    case(
        "ImageProjectiveTransformV3/between",
        wave(1, 4, 5, 2), f32([[1.0, 0.0, -0.5, 0.0, 1.0, 0.5, 0.0, 0.0]]), i32([4, 5]), f32(0.5),
        dtype=FLOAT, interpolation=b"NEAREST", fill_mode=b"CONSTANT",
    ),
    case(
        "ImageProjectiveTransformV3/int32",
        whole(1, 4, 4, 2), f32([[1.0, 0.2, -0.5, 0.1, 0.9, 0.3, 0.0, 0.0]]), i32([4, 4]), f32(0.0),
        dtype=INT, interpolation=b"BILINEAR", fill_mode=b"CONSTANT",
    ),
    case(
        "ImageProjectiveTransformV3",
        wave(1, 4, 4, 2), f32([[1.0, 0.2, -0.5, 0.1, 0.9, 0.3, 0.0, 0.0]]), i32([4, 4]), f32(0.0),
        dtype=FLOAT, interpolation=b"BILINEAR", fill_mode=b"CONSTANT",
    ),
    *(
        case(
            f"ImageProjectiveTransformV3/{mode.lower()}-{way.lower()}",
            wave(1, 4, 4, 2), f32([[1.0, 0.0, -1.6, 0.0, 1.0, 2.3, 0.0, 0.0]]), i32([4, 4]), f32(0.5),
            dtype=FLOAT, interpolation=way.encode(), fill_mode=mode.encode(),
        )
        for mode in ("REFLECT", "WRAP", "NEAREST", "CONSTANT")
        for way in ("NEAREST", "BILINEAR")
    ),
)  # fmt: skip
