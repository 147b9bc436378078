"""Rolled axes: one or several, either way, by more than their size, by a shift of the run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

from tfjsci.graph.graph import Array

NAME = "roll"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def rolled(
    shape: tuple[int, ...],
    shift: int | tuple[int, ...],
    axis: int | tuple[int, ...],
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    fed: bool = False,
) -> Example:
    x = values(shape, dtype)
    return one_op("Roll", x, np.int32(shift), np.int32(axis), constant=[2] if fed else [1, 2], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    count = draw(st.integers(1, 3))
    axes = tuple(draw(st.integers(-len(shape), len(shape) - 1)) for _ in range(count))
    by = tuple(draw(st.integers(-7, 7)) for _ in range(count))
    unknown = draw(st.sampled_from([(), (), (0,), tuple(range(len(shape)))]))
    one = count == 1 and draw(st.booleans())
    dtype = draw(st.sampled_from(DTYPES))
    return rolled(
        shape, by[0] if one else by, axes[0] if one else axes, dtype, unknown=unknown, fed=draw(st.booleans())
    )


EXAMPLES = examples()
CORNERS = (
    *(rolled((3, 4), 1, 1, dtype) for dtype in DTYPES),
    rolled((2, 4, 4, 3), (-2, -2), (1, 2)),
    rolled((2, 4, 4, 3), (-2, -2), (1, 2), unknown=(0, 1, 2)),
    rolled((3, 4), (1, 2), (1, 1), "int32", fed=True),
    rolled((3, 4), 0, 0),
    rolled((0, 4), 1, 0),
    rolled((5,), -8, -1, "bool", unknown=(0,), fed=True),
    rolled((1, 2, 1, 2, 3), 1, 4),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_declines_axes_of_the_run() -> None:
    assert "Roll" in refused(one_op("Roll", floats(3), np.int32(1), np.int32(0)))
    assert lowered_by(one_op("Roll", floats(3), np.int32(1), np.int32(0))) == []
