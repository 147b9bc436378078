from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op

MODES = ("CONSTANT", "REFLECT", "WRAP", "NEAREST")
WAYS = ("NEAREST", "BILINEAR")
TURNED = np.float32([[1.04, 0.23, -0.57, 0.11, 0.91, 0.33, 0.01, 0.02]])
HALF = np.float32([[1, 0, -0.5, 0, 1, 0.5, 0, 0]])
"""Between two pixels."""


def transform(
    images: object,
    transforms: object,
    size: tuple[int, int] = (4, 5),
    way: str = "BILINEAR",
    mode: str = "CONSTANT",
    fill: float = 0.5,
    constant: tuple[int, ...] = (2, 3),
    **options: object,
) -> Example:
    return one_op(
        "ImageProjectiveTransformV3", images, transforms, np.int32(size), np.float32(fill),
        constant=constant, interpolation=way, fill_mode=mode, **options,
    )  # fmt: skip


def drawn_transforms(count: int, seed: int) -> object:
    """Turned, moved and stretched a little; never in the middle between two pixels, where a float decides."""
    made = np.tile(np.float32([1, 0, 0, 0, 1, 0, 0, 0]), (count, 1))
    return made + floats(count, 8, seed=seed, low=-0.4, high=0.4) * np.float32([1, 1, 9, 1, 1, 9, 0.05, 0.05])


EXAMPLES = st.builds(
    lambda images, every, size, way, mode, seed: transform(
        floats(images, 4, 5, 2, seed=seed), drawn_transforms(images if every else 1, seed), size, way, mode
    ),
    st.integers(2, 3),
    st.booleans(),
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.sampled_from(WAYS),
    st.sampled_from(MODES),
    st.integers(0, 99),
)
CORNERS = (
    *(transform(floats(2, 4, 5, 2), TURNED, way=way, mode=mode) for mode in MODES for way in WAYS),
    transform(floats(1, 4, 5, 2), HALF, way="NEAREST", constant=(1, 2, 3)),
    transform(floats(1, 4, 5, 2), HALF, way="NEAREST", mode="REFLECT"),
    transform(ints(2, 4, 5, 2, low=0, high=255).astype(np.uint8), TURNED, mode="WRAP", fill=7),
    transform(floats(2, 4, 5, 2), TURNED, size=(3, 6), constant=(3,), unknown={0: [0, 1, 2], 1: [0]}),
)
FAR = tuple(
    transform(
        floats(1, 4, width, 2),
        np.float32([[2.3, 0, move, 0, 1.7, -move, 0, 0]]),
        mode=mode,
        way=way,
        backends=("wasm",),
    )
    for mode in MODES
    for way in WAYS
    for move in (-37.3, 29.1)
    for width in (1, 5)
    if mode == "REFLECT"
)


@FEW
@given(EXAMPLES)
def test_pixels_are_gathered(example: Example) -> None:
    assert_right_in_tensorflow(example, "projective_transform")


@pytest.mark.parametrize("example", CORNERS + FAR, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "projective_transform")


def test_what_leads_infinitely_far_is_filled() -> None:
    example = transform(floats(2, 4, 5, 2), np.float32([[1, 0, 0, 0, 1, 0, -0.5, 0]]))
    assert_right_in_tensorflow(example, "projective_transform")


def test_leaves_alone_what_works() -> None:
    one = floats(1, 4, 5, 2)
    assert lowered_by(transform(one, TURNED)) == []
    assert lowered_by(transform(one, TURNED, way="NEAREST", constant=(1, 2, 3))) == []
    assert lowered_by(transform(floats(2, 4, 5, 2), TURNED, backends=("webgl", "wasm"))) == []
    assert lowered_by(transform(one, HALF, way="NEAREST", backends=("wasm",))) == []
