from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import weights
from shape_draft import INT, ShapeDraft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.spread_by_op import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)
X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)


def summed(
    wide: str = "BroadcastTo",
    *,
    shape: Shape = (None, 3, 4),
    small: tuple[int, ...] = (1, 3, 4),
    to: str = "x",
    f: str = "AddV2",
) -> Graph:
    """x and a constant that is spread over the sizes of ``to``."""
    draft = ShapeDraft()
    x, other = draft.input("x", shape), draft.input("other", (None, 3, 4))
    batch = draft.size(x if to == "x" else other, 0)
    sizes = draft.pack(batch, *(draft.ints(n, scalar=True) for n in (3, 4)))
    if wide == "Fill":
        spread = draft.op("Fill", "wide", sizes, draft.const("c", 2.5), T=DType("float32"), index_type=INT)
    elif wide == "Tile":
        times = draft.pack(batch, *(draft.ints(1, scalar=True) for _ in range(2)))
        spread = draft.typed("Tile", "wide", draft.const("c", weights(*small)), times, Tmultiples=INT)
    else:
        spread = draft.typed("BroadcastTo", "wide", draft.const("c", weights(*small)), sizes, Tidx=INT)
    return draft.graph(draft.typed(f, "y", spread, x))


EXAMPLES = {
    "BroadcastTo": summed(),
    "a vector": summed(small=(4,)),
    "Fill": summed("Fill", f="Mul"),
    "Tile": summed("Tile", f="Sub"),
}


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_the_op_spreads_it_itself(before: Graph) -> None:
    result = after(before)
    assert [line for line in show(result).splitlines() if line.startswith("y")] == [f"y = {before['y'].op}(c, x)"]
    assert "Shape" not in show(result)
    assert_same_numbers(before, result, x=X, other=X)


class TestLeavesAlone:
    def test_what_makes_the_result_larger(self) -> None:
        assert "to have the same shape" in refused(summed(shape=(None, 1, 4), small=(1, 1, 4)))

    def test_the_sizes_of_another_input(self) -> None:
        assert "to have the same shape" in refused(summed(to="other"))

    def test_a_tile_of_more_than_one(self) -> None:
        assert "repeated" in refused(summed("Tile", small=(2, 3, 4)))

    def test_what_is_read_as_it_is(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", (None, 3))
        sizes = draft.shape_of(x)
        wide = draft.typed("BroadcastTo", "wide", draft.const("c", weights(1, 3)), sizes, Tidx=INT)
        axis = draft.ints(0, scalar=True)
        assert refused(draft.graph(draft.typed("ConcatV2", "y", wide, x, axis, N=2, Tidx=INT))) == ""
