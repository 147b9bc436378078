"""webgpu's transposed integers: every dtype, order and kind of size; floats and matrices stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, refused, shapes

from tfjsci.graph.graph import Array

NAME = "transpose_integers"
DTYPES = ("int32", "int64", "bool")


def whole(shape: tuple[int, ...], dtype: str) -> Array:
    return ints(*shape) % 2 == 0 if dtype == "bool" else ints(*shape).astype(dtype)


def transposed(shape: tuple[int, ...], order: tuple[int, ...], dtype: str, unknown: tuple[int, ...] = ()) -> Example:
    return one_op("Transpose", whole(shape, dtype), np.array(order, np.int32), constant=[1], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(3, 5))
    order = tuple(draw(st.permutations(range(len(shape)))))
    unknown = draw(st.sampled_from([(), (), (0,), (1,), (0, 2)]))
    return transposed(shape, order, draw(st.sampled_from(DTYPES)), unknown)


EXAMPLES = examples()
CORNERS = (
    *(transposed((2, 3, 4), (0, 2, 1), dtype) for dtype in DTYPES),
    *(transposed((2, 3, 4), (2, 0, 1), dtype, unknown=(1,)) for dtype in DTYPES),
    transposed((2, 3, 4), (0, 2, 1), "uint8"),
    transposed((2, 3, 4), (0, 1, 2), "int32"),
    transposed((2, 1, 4), (1, 0, 2), "int32"),
    transposed((2, 3, 2, 2), (0, 1, 3, 2), "bool", unknown=(0,)),
    transposed((2, 70, 60), (0, 2, 1), "int32"),  # a row that is too long for a weight
    transposed((2, 3), (0, 1), "int32"),
)


@FEW
@given(EXAMPLES)
def test_moves_every_number_where_tensorflow_does(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_floats_matrices_and_other_backends_alone() -> None:
    order = np.array([0, 2, 1], np.int32)
    assert lowered_by(one_op("Transpose", ints(2, 3, 4).astype(np.float32), order, constant=[1])) == []
    assert lowered_by(one_op("Transpose", ints(2, 3), np.array([1, 0], np.int32), constant=[1])) == []
    assert lowered_by(one_op("Transpose", ints(2, 3, 4), order, constant=[1], backends=("webgl", "wasm", "cpu"))) == []


def test_declines_an_order_of_the_run() -> None:
    assert "webgpu" in refused(one_op("Transpose", ints(2, 3, 4), np.array([0, 2, 1], np.int32)))
