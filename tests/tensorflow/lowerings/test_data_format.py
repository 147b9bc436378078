from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, one_op, refused

FORMATS = st.sampled_from([("NHWC", "NCHW"), ("NCHW", "NHWC"), ("NHWC", "HWNC"), ("NHWC", "NHWC")])


def permuted(formats: tuple[str, str], shape: tuple[int, ...], dtype: str) -> Example:
    x = ints(*shape).astype(dtype)
    return one_op("DataFormatVecPermute", x, src_format=formats[0], dst_format=formats[1])


EXAMPLES = st.builds(
    permuted, FORMATS, st.sampled_from([(4,), (4, 2), (2,), (2, 2)]), st.sampled_from(["int32", "int64"])
)
CORNERS = (
    one_op("DataFormatDimMap", np.array([-4, -1, 0, 1, 2, 3], np.int32)),
    one_op("DataFormatDimMap", np.array([[1, -3], [3, 2]], np.int32), src_format="NCHW", dst_format="NHWC"),
    one_op("DataFormatDimMap", np.int32(-1), src_format="NHWC", dst_format="HWNC"),
    one_op("DataFormatDimMap", np.array([3, 0, -2], np.int64), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_sizes_are_put_into_the_other_order(example: Example) -> None:
    assert_right_in_tensorflow(example, "data_format")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_axes_are_named_anew(example: Example) -> None:
    assert_right_in_tensorflow(example, "data_format")


def test_declines_a_vector_of_unknown_length() -> None:
    example = one_op("DataFormatVecPermute", ints(4), unknown={0: [0]})
    assert "no such op" in refused(example)
