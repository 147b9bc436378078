from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.one_query import RULE

INT = DType("int32")
N, H, D = 3, 2, 4

after = partial(applied, RULE)
refused = partial(declined, RULE)
GIVEN = {name: np.random.default_rng(i).normal(size=(2, N, H, D)).astype(np.float32) for i, name in enumerate("qkv")}


def heads_first(draft: Draft, name: str, x: str) -> str:
    return draft.typed("Transpose", name, x, draft.const(f"{name}/order", np.array([0, 2, 1, 3], np.int32)), Tperm=INT)


def picked(draft: Draft, x: str, *, row: int = 0, shrink: int = 2) -> str:
    """x[:, row]"""
    at = [
        draft.const(f"token/{part}", np.array(value, np.int32))
        for part, value in (("begin", [0, row]), ("end", [0, row + 1]), ("step", [1, 1]))
    ]
    masks = {"begin_mask": 1, "end_mask": 1, "ellipsis_mask": 0, "new_axis_mask": 0}
    return draft.typed("StridedSlice", "token", x, *at, Index=INT, shrink_axis_mask=shrink, **masks)


def attention(
    *,
    batch: int | None = None,
    row: int = 0,
    mask: Any = None,
    shift: Any = None,
    shrink: int = 2,
    over: str = "Softmax",
    more_outputs: tuple[str, ...] = (),
) -> Graph:
    """Attention with its heads put back side by side, and one token of it."""
    draft = Draft()
    shape: Shape = (batch, N, H, D)
    q, k, v = (heads_first(draft, f"{name}/heads", draft.input(name, shape)) for name in "qkv")
    scores = draft.typed("BatchMatMulV2", "scores", q, k, adj_x=False, adj_y=True)
    if mask is not None:
        masked = draft.const("masked", -1e9)
        scores = draft.typed("SelectV2", "select", draft.const("mask", mask), scores, masked)
    if shift is not None:
        scores = draft.typed("AddV2", "shifted", scores, draft.const("shift", shift))
    if over == "Softmax":
        shares = draft.typed("Softmax", "shares", scores)
    else:
        axes = draft.const("axes", np.array([2], np.int32))
        most = draft.typed("Max", "most", scores, axes, keep_dims=True, Tidx=INT)
        shares = draft.typed("Sub", "shares", scores, most)
    attended = draft.typed("BatchMatMulV2", "attended", shares, v, adj_x=False, adj_y=False)
    y = heads_first(draft, "back", attended)
    return inferred(draft.graph(picked(draft, y, row=row, shrink=shrink), *more_outputs))


CAUSAL = np.tril(np.ones((1, 1, N, N), bool))
EXAMPLES = {
    "attention": attention(batch=2),
    "causal": attention(batch=2, row=1, mask=CAUSAL),
    "a bias of positions": attention(batch=2, row=2, shift=weights(H, N, N)),
}


def test_one_query_is_asked() -> None:
    result = after(attention())
    assert [line for line in show(result).splitlines() if "Placeholder" not in line] == [
        "k/heads = Transpose(k, k/heads/order)",
        "v/heads = Transpose(v, v/heads/order)",
        "token/stridedslice = StridedSlice(q, token/begin, token/end, token/step)",
        "token/reshape = Reshape(token/stridedslice, token/const)",
        "token/batchmatmulv2 = BatchMatMulV2(token/reshape, k/heads)",
        "token/softmax = Softmax(token/batchmatmulv2)",
        "token/batchmatmulv2_1 = BatchMatMulV2(token/softmax, v/heads)",
        "token = Reshape(token/batchmatmulv2_1, token/const_1)",
        "-> token",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"row": 1},
        {"row": -2},
        {"row": 1, "mask": CAUSAL},
        {"mask": np.ones((1, 1, 1, N), bool)},
        {"row": 2, "shift": weights(H, N, N)},
        {"shift": weights(N)},
        {"shift": weights(1, 1, N, 1)},
    ],
)
def test_keeps_the_numbers(options: dict[str, Any]) -> None:
    before = attention(**options)
    result = after(before)
    assert Counter(node.op for node in result)["Transpose"] == 2
    assert_same_numbers(before, result, **GIVEN)


def test_what_others_read_stays_whole() -> None:
    before = attention(row=1, more_outputs=("scores",))
    result = after(before)
    assert result["scores"].op == "BatchMatMulV2"
    assert_same_numbers(before, result, **GIVEN)


def test_where_the_queries_are_mixed_they_stay_whole() -> None:
    """A maximum over all of them: one is taken behind it."""
    before = attention(over="Max", row=1)
    result = after(before)
    assert result["scores"].inputs == ("q/heads", "k/heads")
    assert_same_numbers(before, result, **GIVEN)


class TestLeavesAlone:
    def test_several_tokens(self) -> None:
        assert "isn't one token" in refused(attention(shrink=0))

    def test_the_others_are_read_too(self) -> None:
        assert refused(attention(more_outputs=("back",))) == ""

    def test_what_attends_is_read_by_others(self) -> None:
        assert "others read it" in refused(attention(more_outputs=("attended",)))

    def test_no_attention(self) -> None:
        draft = Draft()
        graph = inferred(draft.graph(picked(draft, heads_first(draft, "back", draft.input("x", (None, H, N, D))))))
        assert "others read it" in refused(graph)
