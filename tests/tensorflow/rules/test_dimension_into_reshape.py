from __future__ import annotations

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, values

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.dimension_into_reshape import RULES

INT = DType("int32")
EXPAND, SQUEEZE = RULES
X = np.arange(24, dtype=np.float32).reshape(6, 4)


def expanded(axis: int, *more_outputs: str, rows: int | None = None) -> Graph:
    draft = Draft()
    y = draft.typed(
        "Reshape", "y", draft.input("x", (rows, 4)), draft.const("s", np.array([-1, 3, 4], np.int32)), Tshape=INT
    )
    z = draft.typed("ExpandDims", "z", y, draft.const("d", np.array(axis, np.int32)), Tdim=INT)
    return inferred(draft.graph(z, *more_outputs))


def squeezed(*axes: int, sizes: tuple[int, ...] = (-1, 1, 4, 1)) -> Graph:
    draft = Draft()
    y = draft.typed(
        "Reshape", "y", draft.input("x", (None, 4)), draft.const("s", np.array(sizes, np.int32)), Tshape=INT
    )
    return inferred(draft.graph(draft.typed("Squeeze", "z", y, squeeze_dims=axes)))


EXAMPLES = {"one more": expanded(1, rows=6), "fewer": squeezed(1, 3)}


@pytest.mark.parametrize(
    ("axis", "shape"),
    [(0, [1, -1, 3, 4]), (1, [-1, 1, 3, 4]), (3, [-1, 3, 4, 1]), (-1, [-1, 3, 4, 1]), (-2, [-1, 3, 1, 4])],
)
def test_one_dimension_more(axis: int, shape: list[int]) -> None:
    before = expanded(axis)
    after = applied(EXPAND, before)
    assert show(after) == "x = Placeholder()\nz = Reshape(x, z/const)\n-> z"
    assert values(after)["z/const"] == shape
    assert_same_numbers(before, after, x=X)


@pytest.mark.parametrize(("axes", "shape"), [((1,), [-1, 4, 1]), ((-1, 1), [-1, 4])])
def test_fewer_dimensions(axes: tuple[int, ...], shape: list[int]) -> None:
    before = squeezed(*axes)
    after = applied(SQUEEZE, before)
    assert values(after)["z/const"] == shape
    assert_same_numbers(before, after, x=X)


class TestLeavesAlone:
    def test_a_reshape_that_others_read(self) -> None:
        assert declined(EXPAND, expanded(1, "y")) == ""

    def test_whatever_has_size_1(self) -> None:
        assert "isn't known" in declined(SQUEEZE, squeezed())

    def test_a_size_that_only_a_run_tells(self) -> None:
        assert "isn't of size 1" in declined(SQUEEZE, squeezed(0, sizes=(-1, 24)))
