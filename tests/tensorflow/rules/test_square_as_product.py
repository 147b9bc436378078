from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from keeps_numbers import PLAIN

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.square_as_product import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")


def squared(reader: str = "Mul", *, others: str = "", dtype: str = "float32") -> Graph:
    draft = Draft(dtype)
    square = draft.typed("Square", "square", draft.input("x", (5, 8)))
    if reader == "MatMul":
        y = draft.matmul("y", square, draft.const("c", weights(8, 4)))
    elif reader == "Mean":
        y = draft.typed("Mean", "y", square, draft.const("axes", np.int32([1])), keep_dims=True, Tidx=DType("int32"))
    else:
        y = draft.typed(reader, "y", square, draft.const("c", np.array(3, dtype)))
    return draft.graph(y, draft.typed(others, "z", square)) if others else draft.graph(y)


EXAMPLES = {
    "in a Mul": squared(),
    "in a product": squared("MatMul"),
    "in two": squared("AddV2", others="Exp"),
}


def test_it_is_multiplied_with_itself() -> None:
    assert show(after(squared())) == "x = Placeholder()\nsquare = Mul(x, x)\ny = Mul(square, c)\n-> y"


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    assert_same_numbers(before, after(before), x=np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32))


class TestLeavesAlone:
    @pytest.mark.parametrize("reader", ["Mean"])
    def test_what_is_unpacked_anyway(self, reader: str) -> None:
        assert "unpacks" in refused(squared(reader))

    def test_if_only_by_one_of_two(self) -> None:
        assert "unpacks" in refused(squared(others="Tanh"))

    def test_an_output(self) -> None:
        draft = Draft()
        assert "unpacks" in refused(draft.graph(draft.typed("Square", "y", draft.input("x", (5, 8)))))

    def test_whole_numbers(self) -> None:
        assert "float32" in refused(squared(dtype="int32"))


@pytest.mark.parametrize(
    ("backends", "applied"),
    [(("webgl",), 1), (("webgl", "webgpu"), 1), (("cpu",), 0), (("webgl", "wasm"), 0), (None, 0)],
)
def test_only_where_wasm_isnt_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(squared()), replace(PLAIN, backends=backends))
    assert done.applied.get("square_as_product", 0) == applied
