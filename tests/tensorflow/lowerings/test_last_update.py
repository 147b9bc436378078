"""Updates of one place, of which webgl takes the sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

NAME = "last_update"


def updated(
    shape: tuple[int, ...], places: list[list[int]], dtype: str = "float32", *, unknown: tuple[int, ...] = ()
) -> Example:
    at = np.array(places, np.int32)
    x = floats(*shape) if dtype == "float32" else ints(*shape)
    inner = (len(at), *shape[at.shape[1] :])
    updates = floats(*inner, seed=1) if dtype == "float32" else ints(*inner, seed=1)
    return one_op("TensorScatterUpdate", x, at, updates, constant=[1], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 3))
    depth = draw(st.integers(1, len(shape)))
    places = draw(st.lists(st.tuples(*(st.integers(0, n - 1) for n in shape[:depth])), min_size=1, max_size=5))
    both = [list(each) for each in (*places, places[0])]
    return updated(shape, both, draw(st.sampled_from(["float32", "int32"])), unknown=draw(st.sampled_from([(), (0,)])))


EXAMPLES = examples()
CORNERS = (
    updated((3, 4), [[1], [1]]),
    updated((3, 4), [[1, 2], [0, 0], [1, 2], [1, 2]], "int32", unknown=(0,)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_places_that_differ_and_those_of_the_run_alone() -> None:
    assert lowered_by(updated((3, 4), [[1], [0]])) == []
    assert lowered_by(one_op("TensorScatterUpdate", floats(3), np.array([[1], [1]], np.int32), floats(2))) == []
