from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.reduce_as_pool import RULE

after = partial(applied_all, (RULE,))
refused = partial(declined_all, (RULE,))


def reduced(
    shape: Shape = (2, 5, 7, 3),
    axes: object = (1, 2),
    *,
    op: str = "Mean",
    keep_dims: bool = False,
    dtype: str = "float32",
) -> Graph:
    draft = Draft(dtype)
    x, over = draft.input("x", shape), draft.const("axes", np.array(axes, np.int32))
    return draft.graph(draft.typed(op, "y", x, over, keep_dims=keep_dims, Tidx=DType("int32")))


EXAMPLES = {
    f"{op} over {axes} of {shape}, {'kept' if kept else 'dropped'}": reduced(shape, axes, op=op, keep_dims=kept)
    for op in ("Mean", "Max")
    for kept in (True, False)
    for shape, axes in (((2, 5, 7, 3), (1, 2)), ((1, 14, 14, 8), (-2, -3)), ((2, 9, 4), (1,)), ((2, 1, 6, 4), (1, 2)))
}


def test_a_mean_over_height_and_width_is_one_window() -> None:
    result = after(reduced(keep_dims=True))
    assert show(result) == "x = Placeholder()\ny = AvgPool(x)\n-> y"
    assert result["y"].attrs["ksize"] == (1, 5, 7, 1)


def test_dimensions_that_are_dropped_are_squeezed() -> None:
    result = after(reduced(op="Max"))
    assert show(result) == "x = Placeholder()\ny/maxpool = MaxPool(x)\ny = Squeeze(y/maxpool)\n-> y"
    assert result["y"].attrs["squeeze_dims"] == (1, 2)


def test_a_sequence_is_a_picture_of_height_1() -> None:
    result = after(reduced((None, 9, 4), 1))
    assert show(result) == (
        "x = Placeholder()\ny/expanddims = ExpandDims(x, y/height)\ny/avgpool = AvgPool(y/expanddims)\n"
        "y = Squeeze(y/avgpool)\n-> y"
    )


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    shape = before["x"].attrs["shape"].shape  # type: ignore[union-attr]
    assert shape is not None
    x = np.random.default_rng(0).normal(5, 1, [size or 2 for size in shape]).astype(np.float32)
    assert_same_numbers(before, after(before), rtol=1e-6, x=x)


def test_an_open_batch_stays_open() -> None:
    before = reduced((None, 5, 7, 3))
    x = np.random.default_rng(0).normal(size=(3, 5, 7, 3)).astype(np.float32)
    assert_same_numbers(before, after(before), rtol=1e-6, x=x)


@pytest.mark.parametrize("x", [-3e38, 3e38 / 35])
def test_at_the_ends_of_the_range(x: float) -> None:
    before = reduced(op="Max" if x < 0 else "Mean")
    assert_same_numbers(before, after(before), x=np.full((2, 5, 7, 3), x, np.float32))


class TestLeavesAlone:
    @pytest.mark.parametrize("axes", [1, 2, 3, -1, (1, 3), (0, 1, 2), (1, 2, 3)])
    def test_other_axes(self, axes: object) -> None:
        assert refused(reduced(axes=axes)) == "it isn't height and width that are reduced"

    @pytest.mark.parametrize(("shape", "axes"), [((2, 9, 4), 2), ((2, 9, 4), 0)])
    def test_other_axes_of_a_sequence(self, shape: Shape, axes: int) -> None:
        assert refused(reduced(shape, axes)) == "it isn't height and width that are reduced"

    @pytest.mark.parametrize("shape", [None, (2, 3), (2, 3, 4, 5, 6)])
    def test_other_ranks(self, shape: Shape) -> None:
        assert "of 3 or 4 dimensions" in refused(reduced(shape, 1))

    @pytest.mark.parametrize("shape", [(2, None, 7, 3), (2, 5, None, 3), (2, 5, 7, None)])
    def test_open_sizes(self, shape: Shape) -> None:
        assert "known to the run alone" in refused(reduced(shape))

    def test_one_value(self) -> None:
        assert refused(reduced((2, 1, 1, 3))) == "there is nothing to reduce"

    @pytest.mark.parametrize("dtype", ["int32", "float64"])
    def test_other_dtypes(self, dtype: str) -> None:
        assert refused(reduced(dtype=dtype)) == f"it is {dtype}, a pool takes float32"

    @pytest.mark.parametrize("op", ["Sum", "Min", "Prod"])
    def test_other_reductions(self, op: str) -> None:
        assert refused(reduced(op=op)) == ""
