from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.repeats_as_resize import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

INT = DType("int32")
X = np.random.default_rng(1).normal(size=(2, 3, 4, 5)).astype(np.float32)


def repeated(
    rows: int = 2,
    columns: int = 2,
    *,
    shape: Shape = (None, 3, 4, 5),
    axes: tuple[int, int] = (2, 3),
    rest: int = 1,
    whole: tuple[int, ...] = (),
    dtype: str = "float32",
) -> Graph:
    """Rows, then columns, as Keras repeats them; open sizes are read from the run, ``whole`` is the last shape instead."""
    draft = Draft(dtype)
    y = draft.input("x", shape)
    for i, (axis, times) in enumerate(zip(axes, (rows, columns), strict=True)):
        y = draft.typed("ExpandDims", f"apart{i}", y, draft.const(f"axis{i}", np.array(axis, np.int32)), Tdim=INT)
        many = [1] * 5
        many[axis], many[4] = times, rest
        y = draft.typed("Tile", f"tiled{i}", y, draft.const(f"times{i}", np.array(many, np.int32)), Tmultiples=INT)
        read = draft.typed("Shape", f"shape{i}", "x", out_type=INT)
        factors = [1, rows, columns if i else 1, 1]
        size = draft.op("Mul", f"size{i}", read, draft.const(f"by{i}", np.array(factors, np.int32)), T=INT)
        if i and whole:
            size = draft.const("whole", np.array(whole, np.int32))
        y = draft.typed("Reshape", f"y{i}", y, size, Tshape=INT)
    return draft.graph(y)


EXAMPLES = {
    "twice": repeated(),
    "four times": repeated(4, 4),
    "open sizes": repeated(2, 4, shape=(None, None, None, 5)),
}


def test_one_kernel() -> None:
    result = after(repeated(2, 4))
    assert show(result) == "x = Placeholder()\ny1 = ResizeNearestNeighbor(x, y1/const)\n-> y1"
    assert result.constants["y1/const"].value.tolist() == [6, 16]


def test_of_open_sizes_they_are_read() -> None:
    assert show(after(repeated(shape=(None, None, None, 5)))) == (
        "x = Placeholder()\ny1/shape = Shape(x)\ny1/slice = Slice(y1/shape, y1/const, y1/const_1)\n"
        "y1/mul = Mul(y1/slice, y1/const_2)\ny1 = ResizeNearestNeighbor(x, y1/mul)\n-> y1"
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_numbers(name: str) -> None:
    assert_same_numbers(EXAMPLES[name], after(EXAMPLES[name]), x=X)


class TestLeavesAlone:
    def test_a_factor_that_is_no_power_of_two(self) -> None:
        assert "power of two" in refused(repeated(3, 2))
        assert "power of two" in refused(repeated(2, 6))

    def test_what_is_repeated_as_a_whole(self) -> None:
        assert "each by itself" in refused(repeated(axes=(1, 3)))

    def test_channels_that_are_repeated_too(self) -> None:
        assert "each by itself" in refused(repeated(rest=2, whole=(-1, 6, 8, 20)))

    def test_another_shape_afterwards(self) -> None:
        assert "among the columns" in refused(repeated(whole=(-1, 8, 6, 5)))

    def test_other_numbers_than_floats(self) -> None:
        assert "floats" in refused(repeated(dtype="int32"))

    def test_more_dimensions(self) -> None:
        draft = Draft()
        x = draft.input("x", (2, 3))
        assert refused(draft.graph(draft.typed("Tanh", "y", x))) == ""
