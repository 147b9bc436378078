from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused


def area(images: object, size: tuple[int, int], align: bool = False, **options: object) -> Example:
    return one_op("ResizeArea", images, np.int32(size), constant=[1], align_corners=align, **options)


EXAMPLES = st.builds(
    lambda old, new, batch, align, seed: area(floats(batch, *old, 2, seed=seed), new, align),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.integers(1, 2),
    st.booleans(),
    st.integers(0, 99),
)
CORNERS = (
    area(floats(2, 6, 9, 3), (3, 3)),
    area(floats(2, 6, 9, 3), (4, 2), align=True),
    area(floats(1, 3, 4, 3), (7, 8), unknown={0: [0]}),
    area(ints(1, 4, 5, 3, low=0, high=255).astype(np.uint8), (2, 2)),
    area(floats(1, 1, 1, 2), (3, 4), align=True),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_product_with_weights(example: Example) -> None:
    assert_right_in_tensorflow(example, "resize_area")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "resize_area")


def test_declines_sizes_of_the_run() -> None:
    assert "no such op" in refused(area(floats(1, 4, 5, 2), (8, 10), unknown={0: [2]}))
