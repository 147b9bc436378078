"""Running sums and products: negative axes, backwards, of integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

NAME = "scan"
OPS = ("Cumsum", "Cumprod")


def scanned(
    op: str,
    shape: tuple[int, ...],
    axis: int,
    dtype: str = "float32",
    *,
    exclusive: bool = False,
    reverse: bool = False,
    unknown: tuple[int, ...] = (),
) -> Example:
    x = floats(*shape) if dtype == "float32" else ints(*shape, low=-3, high=4)
    return one_op(op, x, np.int32(axis), constant=[1], unknown={0: unknown}, exclusive=exclusive, reverse=reverse)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return scanned(
        draw(st.sampled_from(OPS)),
        shape,
        axis,
        draw(st.sampled_from(["float32", "int32"])),
        exclusive=draw(st.booleans()),
        reverse=draw(st.booleans()),
        unknown=draw(st.sampled_from([(), (), (0,)])),
    )


EXAMPLES = examples().filter(lambda example: lowered_by(example) != [])
CORNERS = (
    *(scanned(op, (2, 3), -1) for op in OPS),
    *(scanned(op, (2, 3), 1, reverse=True) for op in OPS),
    scanned("Cumsum", (2, 5), 1, exclusive=True, reverse=True),
    scanned("Cumsum", (3, 4), -2, "int32", exclusive=True, reverse=True, unknown=(0,)),
    scanned("Cumsum", (2, 3, 4), 1, "int32"),
    scanned("Cumprod", (2, 3, 4), 0, "int32", exclusive=True),
    scanned("Cumsum", (2, 3, 4), -2, "int32", reverse=True, unknown=(0, 1)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_forward_scans_and_integers_along_the_last_axis_alone() -> None:
    assert lowered_by(scanned("Cumsum", (2, 3), 1, exclusive=True)) == []
    assert lowered_by(scanned("Cumsum", (2, 3, 4), 2, "int32")) == []
    backwards = one_op(
        "Cumsum", floats(2, 3), np.int32(1), constant=[1], reverse=True, backends=("webgl", "wasm", "cpu")
    )
    assert lowered_by(backwards) == []
