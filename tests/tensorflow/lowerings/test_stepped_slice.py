"""Slices with steps: of integers and bools, beside an index, either way, of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "stepped_slice"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def sliced(
    shape: tuple[int, ...], *given_slices: Any, dtype: str = "float32", unknown: tuple[int, ...] = ()
) -> Example:
    """As ``x[given_slices]`` in numpy: slices, numbers, None for a new axis, and ...."""
    begin, end, step = [], [], []
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    for i, part in enumerate(given_slices):
        if isinstance(part, slice):
            masks["begin_mask"] |= (part.start is None) << i
            masks["end_mask"] |= (part.stop is None) << i
        elif part is None:
            masks["new_axis_mask"] |= 1 << i
        elif part is Ellipsis:
            masks["ellipsis_mask"] |= 1 << i
        else:
            masks["shrink_axis_mask"] |= 1 << i
        own = part if isinstance(part, slice) else slice(0, 0) if part in (None, Ellipsis) else slice(part, part + 1)
        begin.append(own.start or 0)
        end.append(own.stop or 0)
        step.append(own.step or 1)
    bounds = [np.array(each, np.int32) for each in (begin, end, step)]
    return one_op("StridedSlice", values(shape, dtype), *bounds, constant=[1, 2, 3], unknown={0: unknown}, **masks)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    parts: list[Any] = []
    for size in shape:
        if draw(st.integers(0, 3)) == 0:
            parts.append(None)
        if draw(st.integers(0, 3)) == 0:
            parts.append(draw(st.integers(-size, size - 1)))
            continue
        bound = st.one_of(st.none(), st.integers(-size - 2, size + 2))
        parts.append(slice(draw(bound), draw(bound), draw(st.sampled_from([None, 2, -1, -2, 3]))))
    for _ in range(draw(st.integers(0, 1))):
        parts[draw(st.integers(0, len(parts) - 1))] = Ellipsis
    unknown = draw(st.sampled_from([(), (), (0,), tuple(range(len(shape)))]))
    return sliced(shape, *parts, dtype=draw(st.sampled_from(DTYPES)), unknown=unknown)


EXAMPLES = examples().filter(lambda example: NAME in lowered_by(example))
WHOLE, TWO, BACK = slice(None), slice(None, None, 2), slice(None, None, -1)
CORNERS = (
    sliced((3, 4), 1, TWO),
    sliced((3, 4), TWO, 1, unknown=(0,)),
    sliced((2, 3, 4), ..., BACK, -1, unknown=(0, 1)),
    sliced((2, 3, 4), TWO, None, 0, BACK),
    sliced((5,), TWO, dtype="int32"),
    sliced((5,), BACK, dtype="bool", unknown=(0,)),
    sliced((5,), slice(-2, 0, -2), dtype="int32", unknown=(0,)),
    sliced((5,), slice(1, 9, 3), dtype="int32", unknown=(0,)),
    sliced((5,), slice(3, 1, 2), dtype="int32"),
    sliced((2, 3, 4), WHOLE, slice(1, None), slice(-3, -1, 2), dtype="bool", unknown=(0, 2)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_slices_without_steps_and_floats_without_an_index_alone() -> None:
    assert lowered_by(sliced((3, 4), 1, WHOLE, dtype="int32")) == []
    assert lowered_by(sliced((3, 4), TWO, None, BACK)) == []
