from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import DTYPES, high_shapes, unknowns, values

NAME = "rank_of_transpose"


def transposed(
    shape: tuple[int, ...], order: list[int], dtype: str = "float32", unknown: tuple[int, ...] = ()
) -> Example:
    return one_op("Transpose", values(shape, dtype), np.array(order, np.int32), constant=[1], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(7, 8, numbers=192))
    order = draw(st.permutations(range(len(shape))))
    return transposed(shape, order, draw(st.sampled_from(DTYPES)), draw(unknowns(len(shape))))


EXAMPLES = examples()
SEVEN, EIGHT = (2, 3, 2, 1, 2, 2, 2), (2,) * 8
CORNERS = (
    transposed((1, 2, 3, 2, 2, 2, 2), [0, 1, 4, 2, 5, 3, 6], unknown=(0,)),  # a pixel shuffle of video
    transposed(SEVEN, [6, 5, 4, 3, 2, 1, 0]),
    transposed(EIGHT, [7, 6, 5, 4, 3, 2, 1, 0]),
    transposed(EIGHT, [1, 3, 5, 7, 0, 2, 4, 6], unknown=(0,)),
    transposed(EIGHT, [0, 2, 1, 4, 3, 6, 5, 7], unknown=(0, 4)),
    transposed(SEVEN, [0, 1, 2, 3, 4, 5, 6]),
    transposed((1, 1, 1, 2, 1, 1, 1), [6, 5, 4, 3, 2, 1, 0]),
    transposed(SEVEN, [4, 5, 6, 0, 1, 2, 3], "int32"),
    transposed(SEVEN, [0, 2, 1, 3, 5, 4, 6], "bool"),
)


@FEW
@given(EXAMPLES)
def test_moves_every_number_where_tensorflow_does(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(transposed((1, 2, 1, 2, 2, 2), [5, 4, 3, 2, 1, 0])) == []
    assert lowered_by(one_op("Transpose", floats(*SEVEN), np.arange(7, dtype=np.int32), backends=("wasm", "cpu"))) == []


def test_declines_an_order_of_the_run() -> None:
    assert "6 dimensions" in refused(one_op("Transpose", floats(*SEVEN), np.arange(7, dtype=np.int32)))
