"""Masks of a StridedSlice read as numpy's slices are."""

from __future__ import annotations

import numpy as np
import pytest

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import AttrValue, Graph, Node
from tfjsci.rewrite.formulas.cuts import NEW, Cut, Layout, slice_cuts, strided_cuts


def cut(
    begin: list[int], end: list[int], steps: list[int], rank: int, **masks: AttrValue
) -> tuple[tuple[Cut, ...], Layout]:
    node = Node(name="op", op="StridedSlice", attrs=masks)
    return strided_cuts(NodeView(Graph(nodes=(node,), outputs=("op",)), node), begin, end, steps, rank)


def numpy_of(x: np.ndarray, cuts: tuple[Cut, ...], layout: Layout) -> np.ndarray:
    """The cuts taken one dimension after another, then the layout."""
    sliced = x[tuple(slice(each.begin, each.end, each.step) for each in cuts)]
    return sliced.reshape([1 if at == NEW else sliced.shape[int(at)] for at in layout])


X = np.arange(2 * 3 * 4).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (cut([0, 1, 0], [2, 3, 4], [1, 1, 2], 3), X[0:2, 1:3, 0:4:2]),
        (cut([1], [2], [1], 3), X[1:2]),
        (cut([1], [0], [1], 3, shrink_axis_mask=1), X[1]),
        (cut([-1], [0], [1], 3, shrink_axis_mask=1), X[-1]),
        (cut([0, 1], [0, 3], [1, 1], 3, ellipsis_mask=1), X[..., 1:3]),
        (cut([0, 0, 1], [0, 0, 0], [1, 1, 1], 3, ellipsis_mask=2, shrink_axis_mask=5), X[0, ..., 1]),
        (cut([0, 0, 5], [0, 0, 0], [1, 1, -1], 3, begin_mask=3, end_mask=7), X[:, :, 5::-1]),
        (cut([0, 0, 0], [0, 0, 0], [1, 1, 1], 3, begin_mask=7, end_mask=7, new_axis_mask=2), X[:, None, :]),
        (cut([0, 0, -2], [0, 0, 0], [1, 1, 1], 3, ellipsis_mask=1, new_axis_mask=2, end_mask=4), X[..., None, -2:]),
    ],
)
def test_as_numpy_slices(found: tuple[tuple[Cut, ...], Layout], wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(numpy_of(X, *found), wanted)


def test_a_slice_of_minus_one_goes_to_the_end() -> None:
    assert slice_cuts([0, 1], [2, -1]) == (Cut(begin=0, end=2), Cut(begin=1))


def test_whole_is_what_surely_stays_as_it_is() -> None:
    assert Cut().whole(None)
    assert Cut(begin=0, end=3).whole(3)
    assert Cut(begin=-3).whole(3)
    assert Cut(begin=0, end=9).whole(3)
    assert not Cut(begin=0, end=3).whole(None)
    assert not Cut(begin=1).whole(3)
    assert not Cut(step=-1).whole(1)
    assert not Cut(begin=0, end=1, index=True).whole(1)


def test_what_is_left_is_counted_where_it_is_known() -> None:
    assert Cut(begin=1).left(4) == 3
    assert Cut(step=-2).left(5) == 3
    assert Cut(begin=7).left(4) == 0
    assert Cut(begin=1).left(None) is None
    assert Cut(begin=2, end=3, index=True).left(None) == 1
