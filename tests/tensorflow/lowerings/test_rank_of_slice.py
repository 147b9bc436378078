from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import DTYPES, high_shapes, unknowns, values

from tfjsci.graph.graph import Array

NAME = "rank_of_slice"


def sliced(x: Array, *chosen: Any, unknown: tuple[int, ...] = ()) -> Example:
    """As ``x[chosen]`` in numpy."""
    begin, end, steps = [], [], []
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    for i, each in enumerate(chosen):
        if isinstance(each, slice):
            masks["begin_mask"] |= (each.start is None) << i
            masks["end_mask"] |= (each.stop is None) << i
            begin.append(each.start or 0)
            end.append(each.stop or 0)
            steps.append(each.step or 1)
            continue
        masks["ellipsis_mask"] |= (each is ...) << i
        masks["new_axis_mask"] |= (each is None) << i
        masks["shrink_axis_mask"] |= isinstance(each, int) << i
        begin.append(each if isinstance(each, int) else 0)
        end.append(0)
        steps.append(1)
    given_values = [np.array(each, np.int32) for each in (begin, end, steps)]
    return one_op("StridedSlice", x, *given_values, constant=[1, 2, 3], unknown={0: unknown}, **masks)


def plain(x: Array, begin: list[int], size: list[int], unknown: tuple[int, ...] = ()) -> Example:
    given_values = np.array(begin, np.int32), np.array(size, np.int32)
    return one_op("Slice", x, *given_values, constant=[1, 2], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    with_steps = draw(st.booleans())
    shape = draw(high_shapes(5, 7, numbers=192) if with_steps else high_shapes(7, 8, numbers=192))
    x = values(shape, draw(st.sampled_from(DTYPES)))
    unknown = draw(unknowns(len(shape)))
    if not with_steps and draw(st.booleans()):
        begin = [draw(st.integers(0, n - 1)) for n in shape]
        return plain(
            x, begin, [draw(st.sampled_from([-1, 1, n - b])) for n, b in zip(shape, begin, strict=True)], unknown
        )
    pieces: list[Any] = [
        draw(st.sampled_from([slice(None), slice(None), slice(0, n), slice(-1, None), slice(0, 1), n - 1, -1]))
        for n in shape
    ]
    if with_steps:
        for axis in draw(st.sets(st.integers(0, len(shape) - 1), min_size=1, max_size=2)):
            pieces[axis] = draw(st.sampled_from([slice(None, None, -1), slice(None, None, 2), slice(1, None, 2)]))
    if draw(st.booleans()):
        pieces.insert(draw(st.integers(0, len(pieces))), None)
    return sliced(x, *pieces, unknown=unknown)


EXAMPLES = examples()
FIVE, SEVEN = (2, 2, 3, 2, 2), (2, 1, 2, 3, 2, 2, 2)
ALL = slice(None)
CORNERS = (
    sliced(floats(*FIVE), ALL, slice(None, None, 2), ..., unknown=(0,)),
    sliced(floats(*FIVE), ..., slice(None, None, -1), slice(1, None), unknown=(0, 1)),
    sliced(floats(*FIVE), slice(None, None, -1), slice(None, None, 2), 1, None, slice(None, None, -1)),
    sliced(floats(*SEVEN), 1, ..., slice(0, 1), unknown=(0,)),
    sliced(floats(*(2,) * 8), *[slice(0, 1), ALL] * 4),
    sliced(floats(*SEVEN), ALL, ALL, ALL, slice(2, 9), unknown=(3,)),
    sliced(floats(*SEVEN), ALL, ALL, ALL, slice(2, 2)),
    sliced(values(FIVE, "int32"), ALL, slice(None, None, -1), ..., 0),
    sliced(values(FIVE, "bool"), ..., slice(None, None, 2)),
    plain(floats(*SEVEN), [0, 0, 1, 1, 0, 1, 0], [-1, 1, 1, 2, -1, -1, 1], unknown=(0, 3)),
    plain(values(SEVEN, "int32"), [0] * 7, [-1] * 7),
)


@FEW
@given(EXAMPLES)
def test_what_stays_whole_is_merged(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_fewer_dimensions_alone() -> None:
    assert lowered_by(sliced(floats(*FIVE), slice(1, None), ..., 1)) == []
    assert lowered_by(sliced(floats(*FIVE[1:]), ..., slice(None, None, 2))) == []
    assert lowered_by(plain(floats(*SEVEN[1:]), [0] * 6, [1] * 6)) == []


def test_declines_ends_of_the_run() -> None:
    begin, size = np.zeros(7, np.int32), np.ones(7, np.int32)
    assert "6 dimensions" in refused(one_op("Slice", floats(*SEVEN), begin, size, constant=[1]))
