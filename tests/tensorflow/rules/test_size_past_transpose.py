from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.size_past_transpose import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
INT = DType("int32")
X = np.zeros((2, 4, 5, 3), np.float32)


def size(
    axis: int,
    *,
    order: tuple[int, ...] = (0, 3, 1, 2),
    end: int | None = None,
    between: str = "",
    outputs: tuple[str, ...] = (),
    **masks: int,
) -> Graph:
    draft = Draft()
    x = draft.input("x", (None, 4, 5, 3))
    t = draft.typed("Transpose", "t", x, draft.const("order", np.array(order, np.int32)), Tperm=INT)
    if between:
        t = draft.typed(between, "b", t)
    shape = draft.typed("Shape", "s", t, out_type=INT)
    cut = [
        draft.const(n, np.array([v], np.int32))
        for n, v in (("b0", axis), ("e0", axis + 1 if end is None else end), ("k", 1))
    ]
    attrs: dict[str, Any] = {
        "begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 1, **masks,
    }  # fmt: skip
    return draft.graph(draft.op("StridedSlice", "y", shape, *cut, T=INT, Index=INT, **attrs), *outputs)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
def test_it_is_the_size_of_the_tensor_before(axis: int) -> None:
    before = size(axis, end_mask=int(axis == -1))
    result = after(before)
    assert "Transpose" not in show(result)
    assert_same_numbers(before, result, x=X)


def test_an_identity_between_hides_nothing() -> None:
    assert "Transpose" not in show(after(size(0, between="Identity")))


def test_a_transpose_that_others_read_stays_for_them() -> None:
    assert show(after(size(1, outputs=("t",)))).count("= Transpose") == 1


class TestLeavesAlone:
    def test_more_than_one_size(self) -> None:
        assert "one size" in refused(size(1, end=3, shrink_axis_mask=0))

    def test_a_tensor_that_is_not_transposed(self) -> None:
        assert "one size" in refused(size(0, between="Relu"))

    def test_what_is_no_shape(self) -> None:
        draft = Draft("int32")
        cut = [draft.const(n, np.array([v], np.int32)) for n, v in (("b0", 0), ("e0", 1), ("k", 1))]
        masks = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 1}
        graph = draft.graph(draft.typed("StridedSlice", "y", draft.input("x", (4,)), *cut, Index=INT, **masks))
        assert "isn't a shape" in refused(graph)
