from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused

BOXES = np.float32([[0.05, 0.1, 0.93, 0.91], [0.1, 0.2, 0.8, 0.9], [0.9, 0.8, 0.2, 0.1], [-0.4, 0.3, 1.3, 0.7]])
METHODS = ("bilinear", "nearest")


def crop(
    images: object,
    boxes: object,
    which: object,
    size: tuple[int, int] = (3, 4),
    method: str = "bilinear",
    extrapolation: float = 0.0,
    constant: tuple[int, ...] = (3,),
    **options: object,
) -> Example:
    return one_op(
        "CropAndResize", images, boxes, which, np.int32(size),
        constant=constant, method=method, extrapolation_value=extrapolation, **options,
    )  # fmt: skip


def drawn_boxes(count: int, seed: int) -> object:
    return floats(count, 4, seed=seed, low=-0.2, high=1.2)


EXAMPLES = st.builds(
    lambda images, boxes, size, method, seed: crop(
        floats(images, 5, 6, 2, seed=seed),
        drawn_boxes(boxes, seed),
        ints(boxes, seed=seed, low=0, high=images),
        size,
        method,
        -1.5,
    ),
    st.integers(1, 3),
    st.integers(1, 4),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.sampled_from(METHODS),
    st.integers(0, 99),
)
CORNERS = (
    *(crop(floats(3, 4, 5, 2), BOXES, np.int32([2, 0, 1, 2]), method=method, extrapolation=0.5) for method in METHODS),
    *(crop(floats(1, 4, 5, 2), BOXES, np.int32([0] * 4), method=method, constant=(2, 3)) for method in METHODS),
    crop(floats(3, 4, 5, 2), BOXES[:1], np.int32([2])),  # webgpu
    crop(floats(3, 4, 5, 2), BOXES, np.int32([2, 0, 1, 2]), size=(1, 1)),
    crop(floats(2, 4, 5, 2), BOXES, np.int32([1, 0, 1, 0]), unknown={0: [0, 1, 2], 1: [0], 2: [0]}),
    crop(ints(2, 4, 5, 2, low=0, high=255).astype(np.uint8), BOXES, np.int32([1, 0, 1, 0])),
)


@FEW
@given(EXAMPLES)
def test_pixels_are_gathered(example: Example) -> None:
    assert_right_in_tensorflow(example, "crop_and_resize")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "crop_and_resize")


def test_leaves_alone_what_works() -> None:
    which = np.int32([2, 0, 1, 2])
    assert lowered_by(crop(floats(3, 4, 5, 2), BOXES, which, backends=("wasm", "cpu"))) == []
    assert lowered_by(crop(floats(1, 4, 5, 2), BOXES, np.int32([0] * 4), backends=("webgpu",))) == []
    assert lowered_by(crop(floats(4, 4, 5, 2), BOXES, np.int32([0, 1, 2, 3]), constant=(2, 3))) == []


def test_declines_a_size_of_the_run() -> None:
    example = crop(floats(3, 4, 5, 2), BOXES, np.int32([2, 0, 1, 2]), constant=())
    assert "webgl cuts each box" in refused(example)
