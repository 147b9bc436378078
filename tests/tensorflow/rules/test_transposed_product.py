from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.transposed_product import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
INT = DType("int32")
X = np.random.default_rng(1).normal(size=(2, 3, 4, 5)).astype(np.float32)
Y = np.random.default_rng(2).normal(size=(2, 3, 5, 6)).astype(np.float32)


def moved(draft: Draft, name: str, x: str, *order: int) -> str:
    return draft.typed("Transpose", name, x, draft.const(f"{name}/order", np.array(order, np.int32)), Tperm=INT)


def turned(
    *,
    adj_x: bool = False,
    adj_y: bool = False,
    order: tuple[int, ...] = (0, 1, 3, 2),
    more: tuple[str, ...] = (),
    dtype: str = "float32",
) -> Graph:
    draft = Draft(dtype)
    x = draft.input("x", (None, 3, 5, 4) if adj_x else (None, 3, 4, 5))
    y = draft.input("y", (None, 3, 6, 5) if adj_y else (None, 3, 5, 6))
    z = draft.typed("BatchMatMulV2", "z", x, y, adj_x=adj_x, adj_y=adj_y)
    return inferred(draft.graph(moved(draft, "turned", z, *order), *more))


def fed(*, adj_x: bool = False, adj_y: bool = False) -> dict[str, Any]:
    return {"x": X.swapaxes(2, 3) if adj_x else X, "y": Y.swapaxes(2, 3) if adj_y else Y}


def scores(*more: str) -> Graph:
    """Keys times queries, both with their heads first."""
    draft = Draft()
    k, q = (draft.input(name, (None, 4, 3, 5)) for name in "kq")
    keys, queries = moved(draft, "keys", k, 0, 2, 1, 3), moved(draft, "queries", q, 0, 2, 3, 1)
    z = draft.typed("BatchMatMulV2", "z", keys, queries, adj_x=False, adj_y=False)
    return inferred(draft.graph(moved(draft, "scores", z, 0, 1, 3, 2), *more))


EXAMPLES = {"operands as they are": turned(), "keys times queries": scores()}


@pytest.mark.parametrize(("adj_x", "adj_y"), list(product([False, True], repeat=2)))
def test_the_operands_change_places(adj_x: bool, adj_y: bool) -> None:
    before = turned(adj_x=adj_x, adj_y=adj_y)
    result = after(before)
    assert show(result, attrs=True).splitlines()[2].startswith("turned = BatchMatMulV2(y, x")
    root = result["turned"]
    assert (root.attrs["adj_x"], root.attrs["adj_y"]) == (not adj_y, not adj_x)
    assert_same_numbers(before, result, **fed(adj_x=adj_x, adj_y=adj_y))


def test_a_transposed_operand_is_transposed_the_other_way_round() -> None:
    before = scores()
    result = after(before)
    assert [(node.name, node.op) for node in result.nodes if node.op in ("Transpose", "BatchMatMulV2")] == [
        ("scores/transpose", "Transpose"),
        ("scores/transpose_1", "Transpose"),
        ("scores", "BatchMatMulV2"),
    ]
    orders = [tuple(result.constants[n.inputs[1]].value) for n in result.nodes if n.op == "Transpose"]
    assert sorted(orders) == [(0, 2, 1, 3), (0, 2, 3, 1)]
    assert not result["scores"].attrs["adj_x"]
    assert not result["scores"].attrs["adj_y"]
    given = np.random.default_rng(3).normal(size=(2, 2, 4, 3, 5)).astype(np.float32)
    assert_same_numbers(before, result, k=given[0], q=given[1])


def test_an_operand_that_is_read_by_others_stays() -> None:
    result = after(scores("keys"))
    assert result["keys"].op == "Transpose"
    assert result["scores"].inputs[1] == "keys"
    assert result["scores"].attrs["adj_y"]


class TestLeavesAlone:
    @pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2), (0, 3, 2, 1)])
    def test_another_order(self, order: tuple[int, ...]) -> None:
        assert "more than" in refused(turned(order=order))

    def test_complex_numbers_whose_adjoint_is_conjugated(self) -> None:
        assert "floats" in refused(turned(dtype="complex64"))
        assert after(turned(dtype="float64"))

    def test_a_product_that_is_read_by_others(self) -> None:
        assert refused(turned(more=("z",))) == ""
