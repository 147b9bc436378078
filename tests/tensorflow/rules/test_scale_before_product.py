from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.scale_before_product import RULE

INT = DType("int32")

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(2, 3, 2, 5)).astype(np.float32)


def ints(draft: Draft, name: str, *numbers: int) -> str:
    return draft.const(name, np.array(numbers, np.int32))


def heads(draft: Draft, name: str, x: str, *, bias: bool) -> str:
    """[6, 4] -> [2, 2, 3, 5]: two heads of five channels, of three tokens each."""
    y = draft.matmul(f"{name}/product", x, draft.const(f"{name}/w", weights(4, 10)))
    if bias:
        y = draft.bias_add(f"{name}/shifted", y, draft.const(f"{name}/b", weights(10)))
    y = draft.typed("Reshape", f"{name}/heads", y, ints(draft, f"{name}/shape", 2, 3, 2, 5), Tshape=INT)
    return draft.typed("Transpose", name, y, ints(draft, f"{name}/order", 0, 2, 1, 3), Tperm=INT)


def scores(
    factor: Any = 0.5,
    *,
    bias: bool = True,
    projected: str = "qk",
    flip: bool = False,
    more_outputs: tuple[str, ...] = (),
) -> Graph:
    """Scores of attention, of which the queries, the keys or both are projections of x."""
    draft = Draft()
    x = draft.input("x", (6, 4))
    given = "" if projected == "qk" else draft.input("y", (2, 2, 3, 5))
    q, k = (heads(draft, name, x, bias=bias) if name in projected else given for name in "qk")
    product = draft.typed("BatchMatMulV2", "scores", q, k, adj_x=False, adj_y=True)
    c = draft.const("c", factor)
    pair = (c, product) if flip else (product, c)
    return inferred(draft.graph(draft.typed("Mul", "z", *pair), *more_outputs))


EXAMPLES = {
    "both are projections": scores(),
    "without a bias": scores(bias=False),
    "the keys alone": scores(projected="k"),
}


def test_the_queries_are_scaled_behind_their_kernel() -> None:
    result = after(scores())
    assert show(result).endswith(
        "z/mul = Mul(q/shifted, c)\nz/reshape = Reshape(z/mul, q/shape)\nz/transpose = Transpose(z/reshape, q/order)\n"
        "z = BatchMatMulV2(z/transpose, k)\n-> z"
    )
    assert_same_numbers(scores(), result, x=X)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("flip", [True, False])
def test_with_a_bias_or_without(bias: bool, flip: bool) -> None:
    before = scores(bias=bias, flip=flip)
    result = after(before)
    assert result["z"].op == "BatchMatMulV2"
    assert_same_numbers(before, result, x=X)


def test_the_keys_where_the_queries_are_not_a_projection() -> None:
    before = scores(projected="k")
    result = after(before)
    assert "z/mul = Mul(k/shifted, c)" in show(result)
    assert_same_numbers(before, result, x=X, y=Y.transpose(0, 2, 1, 3).copy())


class TestLeavesAlone:
    def test_no_kernel_in_front(self) -> None:
        draft = Draft()
        product = draft.typed(
            "BatchMatMulV2", "p", draft.input("x", (2, 3, 4)), draft.input("y", (2, 4, 3)), adj_x=False, adj_y=False
        )
        graph = inferred(draft.graph(draft.typed("Mul", "z", product, draft.const("c", 0.5))))
        assert refused(graph) == "neither operand comes from a kernel that could take the factor in"

    def test_a_factor_a_channel(self) -> None:
        assert refused(scores(weights(3))) == "the factor's shape is (3,), it isn't one number"

    @pytest.mark.parametrize("also", ["q", "q/heads", "q/shifted", "q/product"])
    def test_what_is_projected_is_read_by_others_too(self, also: str) -> None:
        before = scores(projected="q", more_outputs=(also,))
        assert refused(before) == "neither operand comes from a kernel that could take the factor in"

    def test_the_scores_are_read_by_others_too(self) -> None:
        assert refused(scores(more_outputs=("scores",))) == ""

    def test_a_sum_of_two_is_in_front(self) -> None:
        before = scores(projected="q", bias=False)
        nodes = [
            replace(node, inputs=("twice", *node.inputs[1:])) if node.name == "q/heads" else node
            for node in before.nodes
        ]
        twice = replace(
            before["q/product"],
            name="twice",
            op="AddV2",
            inputs=("q/product", "q/product"),
            attrs={"T": DType("float32")},
        )
        graph = inferred(Graph(nodes=(*nodes, twice), outputs=before.outputs, constants=before.constants))
        assert refused(graph) == "neither operand comes from a kernel that could take the factor in"
