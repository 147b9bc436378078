from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.dense_on_rows import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def product(shape: Shape = (None, 3, 4), kernel: Any = None, *, dtype: str = "float32", **flags: bool) -> Graph:
    draft = Draft(dtype)
    w = draft.const("w", weights(4, 5) if kernel is None else kernel)
    attrs = {"adj_x": False, "adj_y": False, **flags}
    return inferred(draft.graph(draft.typed("BatchMatMulV2", "y", draft.input("x", shape), w, **attrs)))


EXAMPLES = {
    "a sequence": product(),
    "a transposed kernel": product((2, None, 4), weights(5, 4), adj_y=True),
    "four dimensions": product((2, 1, 3, 4)),
}


def test_all_rows_are_one_matrix() -> None:
    result = after(product())
    assert show(result) == (
        "x = Placeholder()\ny/reshape = Reshape(x, y/const)\ny/matmul = MatMul(y/reshape, w)\n"
        "y = Reshape(y/matmul, y/const_1)\n-> y"
    )
    assert values(result)["y/const"] == [-1, 4]
    assert values(result)["y/const_1"] == [-1, 3, 5]


@pytest.mark.parametrize(
    ("shape", "kernel", "flags"),
    [
        ((None, 3, 4), weights(4, 5), {}),
        ((2, None, 4), weights(5, 4), {"adj_y": True}),
        ((2, 1, 3, 4), weights(4, 5), {}),
    ],
)
def test_keeps_the_numbers(shape: Shape, kernel: Any, flags: dict[str, bool]) -> None:
    before = product(shape, kernel, **flags)
    assert shape is not None
    x = np.random.default_rng(0).normal(size=[n or 2 for n in shape]).astype(np.float32)
    assert_same_numbers(before, after(before), x=x)


class TestLeavesAlone:
    def test_two_open_sizes(self) -> None:
        assert refused(product((None, None, 4))) == "more than one size isn't known, or one is 0"

    def test_a_matrix(self) -> None:
        assert refused(product((None, 4))) == "the first operand isn't known to be several matrices"

    def test_several_constant_matrices(self) -> None:
        assert refused(product((2, 3, 4), weights(2, 4, 5))) == "the constant has 3 dimensions"

    def test_a_transposed_operand(self) -> None:
        assert refused(product((2, 4, 3), adj_x=True)) == "the first operand is transposed"

    def test_integers(self) -> None:
        assert (
            refused(product(kernel=np.ones((4, 5), np.int32), dtype="int32")) == "the constant is int32, not floating"
        )
