from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused, rewritten
from rank_cases import DTYPES, high_shapes, unknowns, values

NAME = "rank_of_tile"


def tiled(
    shape: tuple[int, ...],
    times: tuple[int, ...],
    dtype: str = "float32",
    *,
    constant: bool = True,
    unknown: tuple[int, ...] = (),
) -> Example:
    often = np.array(times, np.int32)
    return one_op("Tile", values(shape, dtype), often, constant=[1] if constant else [], unknown={0: unknown})


def spread(
    shape: tuple[int, ...], to: tuple[int, ...], dtype: str = "float32", *, unknown: tuple[int, ...] = ()
) -> Example:
    return one_op("BroadcastTo", values(shape, dtype), np.array(to, np.int32), constant=[1], unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(5, 7, numbers=48))
    times = tuple(draw(st.lists(st.sampled_from([1, 1, 2, 3]), min_size=len(shape), max_size=len(shape))))
    dtype = draw(st.sampled_from(DTYPES))
    if draw(st.booleans()):
        return tiled(shape, times, dtype, unknown=draw(unknowns(len(shape))))
    keep = draw(st.integers(0, 2))
    return spread(shape[keep:], tuple(n * (t if n == 1 else 1) for n, t in zip(shape, times, strict=True)), dtype)


EXAMPLES = examples()
CORNERS = (
    tiled((2, 3, 1, 2, 2), (1, 1, 2, 1, 1), unknown=(0, 1, 3)),
    tiled((2, 1, 3, 2, 2), (1, 2, 3, 1, 1)),
    tiled((2, 2, 2, 2, 1, 2), (2, 1, 3, 2, 2, 2), "int32"),
    tiled((1, 2, 1, 2, 2), (2, 1, 3, 1, 2), "bool", unknown=(1,)),
    tiled((2, 1, 2, 1, 2), (1, 2, 1, 3, 1), constant=False, unknown=(0,)),
    spread((3, 1, 2), (2, 2, 3, 4, 2)),
    spread((2, 1, 3, 1, 2), (2, 4, 3, 5, 2), "int32"),
    spread((), (2, 1, 2, 1, 3)),
)


@FEW
@given(EXAMPLES)
def test_neighbours_that_stay_are_one_dimension(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_upsampling_takes_a_tile_of_three_dimensions() -> None:
    graph = rewritten(CORNERS[0]).graph
    (tile,) = [node for node in graph if node.op == "Tile"]
    assert graph.constants[tile.inputs[1]].value.tolist() == [1, 2, 1]


def test_leaves_four_dimensions_alone() -> None:
    assert lowered_by(tiled((2, 3, 2, 2), (1, 2, 1, 2))) == []
    assert lowered_by(spread((3, 1), (2, 2, 3, 4))) == []


def test_declines_what_may_be_spread_or_not() -> None:
    assert "can't read them back" in refused(spread((2, 2, 2, 2, 2), (2, 2, 2, 2, 2), unknown=(1,)))
