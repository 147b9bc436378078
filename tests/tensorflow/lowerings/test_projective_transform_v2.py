from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op


def transform(images: int, way: str, mode: str, seed: int = 0) -> Example:
    turned = np.float32([[1.04, 0.23, -0.57, 0.11, 0.91, 0.33, 0.01, 0.02]])
    return one_op(
        "ImageProjectiveTransformV2", floats(images, 4, 5, 2, seed=seed), turned, np.int32([3, 6]),
        constant=[2], interpolation=way, fill_mode=mode,
    )  # fmt: skip


EXAMPLES = st.builds(
    transform,
    st.integers(1, 2),
    st.sampled_from(["NEAREST", "BILINEAR"]),
    st.sampled_from(["CONSTANT", "REFLECT", "WRAP", "NEAREST"]),
    st.integers(0, 99),
)
CORNERS = (transform(1, "BILINEAR", "CONSTANT"), transform(2, "NEAREST", "CONSTANT"))


@FEW
@given(EXAMPLES)
def test_it_is_the_third_version_filled_with_0(example: Example) -> None:
    assert_right_in_tensorflow(example, "projective_transform_v2")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "projective_transform_v2")
