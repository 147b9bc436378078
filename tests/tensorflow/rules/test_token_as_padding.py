from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.token_as_padding import RULE

INT = DType("int32")
N, C = 3, 4

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(0).normal(size=(2, N, C)).astype(np.float32)


def tokens(
    token: Any = None,
    addend: Any = None,
    *,
    shape: Shape = (None, N, C),
    last: bool = False,
    tiled: bool = False,
    axis: int = 1,
    count: int = 1,
    more_outputs: tuple[str, ...] = (),
) -> Graph:
    """A token for each of the batch, put before x or behind it, and positions added."""
    draft = Draft()
    x = draft.input("x", shape)
    sizes = draft.op("Shape", "sizes", x, T=DType("float32"), out_type=INT)
    at = [draft.const(f"at{i}", np.array([i], np.int32)) for i in (0, 1)]
    batch = draft.op(
        "StridedSlice", "batch", sizes, *at, at[1], T=INT, Index=INT, begin_mask=0, end_mask=0, ellipsis_mask=0,
        new_axis_mask=0, shrink_axis_mask=1,
    )  # fmt: skip
    rest = [draft.const(f"n{i}", np.array(n, np.int32)) for i, n in enumerate((1, 1) if tiled else (count, C))]
    to = draft.op("Pack", "to", batch, *rest, T=INT, N=3, axis=0)
    t = draft.const("token", weights(1, count, C) if token is None else token)
    attrs = {"Tmultiples": INT} if tiled else {"Tidx": INT}
    spread = draft.typed("Tile" if tiled else "BroadcastTo", "spread", t, to, **attrs)
    pair = (x, spread) if last else (spread, x)
    concat = draft.typed("ConcatV2", "concat", *pair, draft.const("axis", np.array(axis, np.int32)), N=2, Tidx=INT)
    p = draft.const("p", weights(N + count, C) if addend is None else addend)
    return inferred(draft.graph(draft.typed("AddV2", "y", concat, p), *more_outputs))


EXAMPLES = {
    "before": tokens(),
    "behind": tokens(last=True, tiled=True),
}
"""Of an open batch: where it is known, there is nothing to be spread at run time."""


def test_the_token_is_added_to_zeros() -> None:
    before = tokens()
    result = after(before)
    assert show(result) == "x = Placeholder()\nconcat = Pad(x, y/const)\ny = AddV2(concat, p)\n-> y"
    assert values(result)["y/const"] == [[0, 0], [1, 0], [0, 0]]
    assert result.constants["p"].sources == ("p", "token")
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize(
    "options", [{"last": True}, {"tiled": True}, {"count": 2}, {"axis": -2}, {"token": weights(C)}]
)
def test_keeps_the_numbers(options: dict[str, Any]) -> None:
    before = tokens(**options)
    assert_same_numbers(before, after(before), x=X)


def test_positions_of_all_dimensions() -> None:
    before = tokens(addend=weights(1, N + 1, C))
    assert_same_numbers(before, after(before), x=X)


class TestLeavesAlone:
    def test_one_shift_for_all(self) -> None:
        assert "isn't the same for all" in refused(tokens(addend=weights(C)))

    def test_another_shift_for_each_of_the_batch(self) -> None:
        assert "isn't the same for all" in refused(tokens(addend=weights(2, N + 1, C), shape=(2, N, C)))

    def test_put_together_along_the_channels(self) -> None:
        assert refused(tokens(axis=2, token=weights(1, N, C), count=N, addend=weights(N, 2 * C))) != ""

    def test_an_open_number_of_patches(self) -> None:
        assert refused(tokens(shape=(None, None, C))) == "how many are put together isn't known"

    def test_what_was_put_together_is_read_by_others_too(self) -> None:
        assert refused(tokens(more_outputs=("concat",))) == ""

    def test_two_tensors(self) -> None:
        draft = Draft()
        x, y = draft.input("x", (2, N, C)), draft.input("y", (2, 1, C))
        axis = draft.const("axis", np.array(1, np.int32))
        concat = draft.typed("ConcatV2", "concat", y, x, axis, N=2, Tidx=INT)
        graph = inferred(draft.graph(draft.typed("AddV2", "y2", concat, draft.const("p", weights(N + 1, C)))))
        assert refused(graph) == "not one of the two is a constant that is spread"
