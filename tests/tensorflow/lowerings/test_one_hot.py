"""One-hot numbers along any axis, in any dtype and depth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

NAME = "one_hot"
DTYPES = ("float32", "int32", "int64", "bool")


def hot(
    shape: tuple[int, ...],
    depth: int,
    axis: int = -1,
    dtype: str = "float32",
    *,
    on: float = 1,
    off: float = 0,
    unknown: tuple[int, ...] = (),
    fed: bool = False,
    of: str = "int32",
) -> Example:
    indices = ints(*shape, low=0 if of == "uint8" else -1, high=max(depth, 1) + 1).astype(of)
    values = [np.asarray(value).astype(dtype) for value in (on, off)]
    return one_op(
        "OneHot",
        indices,
        np.int32(depth),
        *values,
        constant=[2, 3] if fed else [1, 2, 3],
        unknown={0: unknown},
        axis=axis,
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(0, 3))
    unknown = draw(st.sampled_from([(), (0,), (0, 1)])) if shape else ()
    axis = draw(st.integers(-1, len(shape)))
    on, off = draw(st.sampled_from([(1, 0), (1, 0), (0, 1), (3, -2)]))
    dtype = draw(st.sampled_from(DTYPES))
    of = draw(st.sampled_from(["int32", "int64", "uint8"]))
    fed = draw(st.booleans())
    return hot(
        shape, draw(st.integers(1, 4)), axis, dtype, on=on, off=off, unknown=unknown[: len(shape)], fed=fed, of=of
    )


EXAMPLES = examples().filter(lambda example: lowered_by(example) != [])
CORNERS = (
    hot((3,), 4),
    hot((2, 3), 4, 0),
    hot((2, 3), 4, 1, "int32"),
    hot((2, 3), 4, 1, "bool", unknown=(0,)),
    hot((2, 3, 2), 3, 2, unknown=(0, 1)),
    hot((3,), 1),
    hot((3,), 0),
    hot((2, 2), 3, -1, "bool", on=0, off=1),
    hot((2, 2), 3, -1, "float32", on=0.5, off=-2),
    hot((2, 2, 2, 2), 3, 1, "float32", on=0.5, off=3),
    hot((2, 3), 4, 0, fed=True, unknown=(0,)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_integers_along_the_last_axis_alone() -> None:
    assert lowered_by(hot((3,), 4, -1, "int32")) == []
    assert (
        lowered_by(
            one_op(
                "OneHot",
                ints(3),
                np.int32(4),
                np.float32(1),
                np.float32(0),
                backends=("webgl",),
                constant=[1, 2, 3],
                axis=-1,
            )
        )
        == []
    )
