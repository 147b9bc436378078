from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op

from tfjsci.catalog.nearest_pixels import nearest_pixels

MODES = ((False, True), (True, False), (False, False))
"""align_corners, half_pixel_centers"""


def nearest(
    images: object, size: tuple[int, int], mode: tuple[bool, bool] = MODES[0], constant: bool = True, **options: object
) -> Example:
    align, half = mode
    numbers = [1] if constant else []
    return one_op(
        "ResizeNearestNeighbor", images, np.int32(size),
        constant=numbers, align_corners=align, half_pixel_centers=half, **options,
    )  # fmt: skip


EXAMPLES = st.builds(
    lambda old, new, mode, dtype, seed: nearest(ints(2, *old, 2, seed=seed, low=0, high=99).astype(dtype), new, mode),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.sampled_from(MODES),
    st.sampled_from(["int32", "uint8", "int64"]),
    st.integers(0, 99),
)
CORNERS = (
    *(nearest(ints(2, 4, 5, 3), (7, 3), mode, unknown={0: [0, 1, 2]}) for mode in MODES),
    nearest(ints(1, 4, 5, 3), (7, 1), MODES[1], constant=False, unknown={0: [0, 2]}),
    nearest(floats(1, 2, 3, 1), (41, 4)),  # cpu takes another pixel
    nearest(floats(1, 2, 3, 1), (82, 4), MODES[2]),  # cpu
    nearest(floats(1, 2, 3, 1), (83, 4), MODES[1]),  # cpu, and the GPU backends
    nearest(np.int32([[[[2**24 + 1], [5]]]]), (2, 4), backends=("wasm",)),  # as float it would be another number
)


@FEW
@given(EXAMPLES)
def test_it_is_two_gathers(example: Example) -> None:
    assert_right_in_tensorflow(example, "resize_nearest")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "resize_nearest")


def test_leaves_alone_what_every_backend_does_right() -> None:
    assert lowered_by(nearest(floats(1, 4, 5, 3), (8, 10))) == []
    assert lowered_by(nearest(ints(1, 4, 5, 3), (8, 10), backends=("webgl", "webgpu", "cpu"))) == []
    assert lowered_by(nearest(floats(1, 2, 3, 1), (41, 4), backends=("webgl", "webgpu", "wasm"))) == []


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_tensorflows_pixels_are_known(mode: tuple[bool, bool]) -> None:
    import tensorflow as tf

    align, half = mode
    for old in (1, 2, 3, 4, 7, 10, 37, 100):
        images = np.arange(old, dtype=np.float32).reshape(1, old, 1, 1)
        for new in (1, 2, 3, 5, 41, 47, 75, 82, 83, 95, 165, 189):
            made = tf.raw_ops.ResizeNearestNeighbor(
                images=images, size=[new, 1], align_corners=align, half_pixel_centers=half
            )
            found = nearest_pixels(old, new, align_corners=align, half_pixel_centers=half, by="tensorflow")
            assert made.numpy().ravel().astype(int).tolist() == found.tolist()
