"""Shapes of several tensors at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

NAME = "shape_n"


def told(
    *given: tuple[int, ...], unknown: dict[int, tuple[int, ...]] | None = None, out_type: str = "int32"
) -> Example:
    values = [floats(*shape) for shape in given]
    return one_op("ShapeN", *values, outputs=len(given), unknown=unknown, out_type=out_type)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    given_shapes = draw(st.lists(shapes(0, 4), min_size=1, max_size=3))
    unknown = {i: (0,) for i, shape in enumerate(given_shapes) if shape and draw(st.booleans())}
    return told(*given_shapes, unknown=unknown, out_type=draw(st.sampled_from(["int32", "int64"])))


EXAMPLES = examples()
CORNERS = (
    told((2, 3), (4,)),
    told((2, 3), (4,), unknown={0: (0,)}),
    told((), (2, 0), out_type="int64"),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
