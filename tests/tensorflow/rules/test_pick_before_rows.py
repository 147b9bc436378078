from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.pick_before_rows import RULE

INT = DType("int32")
N, C = 3, 4

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(0).normal(size=(2, N, C)).astype(np.float32)


def reshaped(draft: Draft, name: str, x: str, *sizes: int) -> str:
    return draft.typed("Reshape", name, x, draft.const(f"{name}/shape", np.array(sizes, np.int32)), Tshape=INT)


def dense(draft: Draft, name: str, x: str, *, given: int = C, columns: int = C) -> str:
    """[?, N, given] -> [?, N, columns], as a product of rows."""
    rows = reshaped(draft, f"{name}/rows", x, -1, given)
    y = draft.matmul(f"{name}/product", rows, draft.const(f"{name}/w", weights(given, columns)))
    y = draft.bias_add(f"{name}/shifted", y, draft.const(f"{name}/b", weights(columns)))
    return reshaped(draft, name, y, -1, N, columns)


def picked(draft: Draft, x: str, *, row: int = 0, name: str = "token", shrink: int = 2, begin: int = 0) -> str:
    """x[:, row]"""
    at = [
        draft.const(f"{name}/{part}", np.array(value, np.int32))
        for part, value in (("begin", [begin, row]), ("end", [0, row + 1]), ("step", [1, 1]))
    ]
    masks = {"begin_mask": 0 if begin else 1, "end_mask": 1, "ellipsis_mask": 0, "new_axis_mask": 0}
    return draft.typed("StridedSlice", name, x, *at, Index=INT, shrink_axis_mask=shrink, **masks)


def norm(draft: Draft, name: str, x: str) -> str:
    """What a layer norm is made of: a mean of each row, and what is the same for all."""
    axes = draft.const(f"{name}/axes", np.array([2], np.int32))
    middle = draft.typed("Mean", f"{name}/mean", x, axes, keep_dims=True, Tidx=INT)
    y = draft.typed("Sub", f"{name}/centred", x, middle)
    return draft.typed("Mul", name, y, draft.const(f"{name}/gamma", weights(1, 1, C)))


def block(*, shape: Shape = (None, N, C), row: int = 0, more_outputs: tuple[str, ...] = ()) -> Graph:
    """The second half of a transformer's block, and one of its tokens."""
    draft = Draft()
    x = draft.input("x", shape)
    hidden = draft.typed("Relu", "relu", dense(draft, "in", norm(draft, "norm", x), columns=5))
    y = draft.typed("AddV2", "sum", x, dense(draft, "out", hidden, given=5))
    return inferred(draft.graph(picked(draft, norm(draft, "last", y), row=row), *more_outputs))


def shifted(addend: Any, *, row: int = 0) -> Graph:
    """Positions that are added, and one token."""
    draft = Draft()
    y = draft.typed("AddV2", "sum", draft.input("x", (2, N, C)), draft.const("p", addend))
    return inferred(draft.graph(picked(draft, y, row=row)))


def heads(*, shape: Shape = (None, N, 2, 2)) -> Graph:
    """Attention's heads put together and projected, and one token."""
    draft = Draft()
    rows = reshaped(draft, "rows", draft.input("x", shape), -1, C)
    y = draft.matmul("product", rows, draft.const("w", weights(C, C)))
    return inferred(draft.graph(picked(draft, reshaped(draft, "back", y, -1, N, C))))


EXAMPLES = {
    "half a block": block(shape=(2, N, C)),
    "heads": heads(shape=(2, N, 2, 2)),
    "positions": shifted(weights(N, C), row=1),
}


@pytest.mark.parametrize("row", [0, 2, -2])
def test_half_a_block_is_done_on_one_row(row: int) -> None:
    before = block(row=row)
    result = inferred(after(before))
    products = [result.type_of(node.name) for node in result if node.op == "MatMul"]
    assert [known.shape for known in products if known is not None] == [(None, 5), (None, C)]
    assert [node.inputs[0] for node in result if node.op == "StridedSlice"] == ["x"]
    assert_same_numbers(before, result, x=X)


def test_heads_are_picked_before_they_are_put_together() -> None:
    before = heads()
    result = after(before)
    assert show(result) == (
        "x = Placeholder()\ntoken/stridedslice = StridedSlice(x, token/begin, token/end, token/step)\n"
        "token/reshape = Reshape(token/stridedslice, token/const)\ntoken = MatMul(token/reshape, w)\n-> token"
    )
    assert_same_numbers(before, result, x=X.reshape(2, N, 2, 2))


def test_heads_of_one_row() -> None:
    draft = Draft()
    y = draft.matmul(
        "product", reshaped(draft, "rows", draft.input("x", (None, N, C)), -1, C), draft.const("w", weights(C, C))
    )
    before = inferred(draft.graph(picked(draft, reshaped(draft, "heads", y, -1, N, 2, 2))))
    result = after(before)
    assert [node.op for node in result if node.op != "Const"] == ["Placeholder", "StridedSlice", "MatMul", "Reshape"]
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("addend", [weights(N, C), weights(1, N, C), weights(C), weights(1, C), weights(1, N, 1), 2.0])
def test_of_what_differs_from_row_to_row_one_is_taken(addend: Any) -> None:
    before = shifted(addend, row=1)
    result = after(before)
    assert_same_numbers(before, result, x=X)


def test_what_others_read_stays_whole() -> None:
    before = block(more_outputs=("sum",))
    result = after(before)
    assert [node.inputs[0] for node in result if node.op == "StridedSlice"] == ["sum"]
    assert_same_numbers(before, result, x=X)


class TestLeavesAlone:
    def test_a_row_of_an_input(self) -> None:
        draft = Draft()
        graph = inferred(draft.graph(picked(draft, draft.input("x", (None, N, C)))))
        assert "doesn't treat each row alike" in refused(graph)

    def test_the_other_rows_are_read_too(self) -> None:
        assert "others read it" in refused(block(more_outputs=("last",)))

    def test_a_mean_over_the_rows(self) -> None:
        draft = Draft()
        x = draft.input("x", (None, N, C))
        axes = draft.const("axes", np.array([1], np.int32))
        mean = draft.typed("Mean", "mean", x, axes, keep_dims=True, Tidx=INT)
        assert "doesn't treat" in refused(inferred(draft.graph(picked(draft, mean))))

    def test_several_rows(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "relu", draft.input("x", (2, N, C)))
        assert refused(inferred(draft.graph(picked(draft, y, shrink=0)))) == "it isn't one row of each matrix"

    def test_not_of_every_matrix(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "relu", draft.input("x", (2, N, C)))
        assert refused(inferred(draft.graph(picked(draft, y, begin=1)))) == "it isn't one row of each matrix"

    def test_another_shift_for_each_matrix(self) -> None:
        assert "doesn't treat" in refused(shifted(weights(2, N, C)))
