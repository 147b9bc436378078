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
EXPAND, SQUEEZE, POOL = RULES
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


def excited(
    *sizes: int,
    dims: tuple[int, ...] = (1, 2),
    batch: int | None = None,
    op: str = "AvgPool",
    outputs: tuple[str, ...] = (),
) -> Graph:
    """A pool over all of a picture, without its height and width, and a Reshape to ``sizes``."""
    draft = Draft()
    attrs = {"ksize": (1, 4, 3, 1), "strides": (1, 1, 1, 1), "padding": b"VALID", "data_format": b"NHWC"}
    more = {"explicit_paddings": ()} if op == "MaxPool" else {}
    y = draft.typed(op, "pool", draft.input("x", (batch, 4, 3, 6)), **attrs, **more)
    y = draft.typed("Squeeze", "squeeze", y, squeeze_dims=dims)
    y = draft.typed("Reshape", "y", y, draft.const("s", np.array(sizes, np.int32)), Tshape=INT)
    return inferred(draft.graph(y, *outputs))


EXAMPLES = {"one more": expanded(1, rows=6), "fewer": squeezed(1, 3), "excited": excited(-1, 1, 1, 6)}


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


@pytest.mark.parametrize(
    "before",
    [
        excited(-1, 1, 1, 6),
        excited(-1, 1, 1, 6, dims=(-2, 1)),
        excited(2, 1, 1, 6, batch=2, op="MaxPool"),
        excited(-1, 1, 1, 6, dims=(2,)),
    ],
    ids=["open", "counted from behind", "known", "one of them"],
)
def test_a_pool_that_keeps_its_dimensions(before: Graph) -> None:
    after = applied(POOL, before)
    assert show(after) == f"x = Placeholder()\ny = {before['pool'].op}(x)\n-> y"
    x = np.random.default_rng(0).normal(size=(2, 4, 3, 6)).astype(np.float32)
    assert_same_numbers(before, after, x=x)


class TestLeavesAlone:
    @pytest.mark.parametrize("sizes", [(-1, 6), (-1, 1, 6), (1, -1, 1, 6), (-1, 1, 1, 3), (1, 1, -1, 6)])
    def test_other_dimensions_than_the_pools(self, sizes: tuple[int, ...]) -> None:
        assert declined(POOL, excited(*sizes)) == "it has other dimensions than the pool"

    def test_a_squeeze_that_others_read(self) -> None:
        assert declined(POOL, excited(-1, 1, 1, 6, outputs=("squeeze",))) == ""

    def test_a_reshape_that_others_read(self) -> None:
        assert declined(EXPAND, expanded(1, "y")) == ""

    def test_whatever_has_size_1(self) -> None:
        assert "isn't known" in declined(SQUEEZE, squeezed())

    def test_a_size_that_only_a_run_tells(self) -> None:
        assert "isn't of size 1" in declined(SQUEEZE, squeezed(0, sizes=(-1, 24)))
