from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused

MODES = ((False, True), (True, False), (False, False))
"""align_corners, half_pixel_centers"""


def bicubic(images: object, size: tuple[int, int], mode: tuple[bool, bool] = MODES[0], **options: object) -> Example:
    align, half = mode
    return one_op(
        "ResizeBicubic", images, np.int32(size), constant=[1], align_corners=align, half_pixel_centers=half, **options
    )


EXAMPLES = st.builds(
    lambda old, new, batch, mode, seed: bicubic(floats(batch, *old, 2, seed=seed), new, mode),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.integers(1, 2),
    st.sampled_from(MODES),
    st.integers(0, 99),
)
CORNERS = (
    *(bicubic(floats(2, 4, 5, 3), (7, 3), mode) for mode in MODES),
    bicubic(floats(2, 4, 5, 3), (8, 10), unknown={0: [0]}),
    bicubic(floats(1, 4, 5, 1), (8, 10), unknown={0: [0, 3]}),
    bicubic(ints(1, 4, 5, 3, low=0, high=255).astype(np.uint8), (8, 10)),
    bicubic(floats(1, 1, 1, 2), (3, 4)),
    bicubic(floats(1, 4, 5, 2), (4, 5)),
    bicubic(floats(1, 130, 4, 1), (140, 5)),  # large enough to be gathered
)


@FEW
@given(EXAMPLES)
def test_it_is_a_product_with_weights(example: Example) -> None:
    assert_right_in_tensorflow(example, "resize_bicubic")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "resize_bicubic")


def test_declines_sizes_of_the_run() -> None:
    example = bicubic(floats(1, 4, 5, 2), (8, 10), unknown={0: [1]})
    assert refused(example) == "ResizeBicubic: TensorFlow.js 4.22.0 has no such op"
