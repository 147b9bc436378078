from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import inferred, refusals
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.merge_affine import RULES

X = np.random.default_rng(1).normal(size=(2, 3, 5, 4)).astype(np.float32)
SHAPES: dict[str, tuple[int, ...]] = {"channels": (4,), "number": (), "ranked": (1, 1, 1, 4), "places": (3, 5, 4)}


def chained(*ops: str, shapes: tuple[str, ...] | None = None, values: dict[int, Any] | None = None) -> Graph:
    """x combined with one constant after another."""
    draft = Draft()
    y = draft.input("x", (None, 3, 5, 4))
    for i, op in enumerate(ops):
        shape = SHAPES[shapes[i]] if shapes else (4,)
        value = (values or {}).get(i, weights(*shape, seed=i) if shape else 0.5 + i)
        c = draft.const(f"c{i}", value)
        name = "y" if i == len(ops) - 1 else f"n{i}"
        y = draft.typed(
            op,
            name,
            *((c, y) if i % 2 and op != "BiasAdd" else (y, c)),
            **({"data_format": b"NHWC"} if op == "BiasAdd" else {}),
        )
    return inferred(draft.graph(y))


def ops_of(graph: Graph) -> list[str]:
    return [node.op for node in graph if node.op not in {"Const", "Placeholder"}]


CHAINS = {
    ("Mul", "Mul"): ["Mul"],
    ("AddV2", "Add"): ["AddV2"],
    ("Mul", "AddV2", "Mul"): ["Mul", "AddV2"],
    ("Mul", "BiasAdd", "Mul"): ["Mul", "AddV2"],
    ("AddV2", "Mul", "AddV2"): ["Mul", "AddV2"],
    ("AddV2", "Mul", "BiasAdd"): ["Mul", "AddV2"],
    ("Mul", "AddV2", "Mul", "AddV2"): ["Mul", "AddV2"],
    ("Mul", "Mul", "AddV2", "AddV2", "Mul"): ["Mul", "AddV2"],
}
EXAMPLES = {", ".join(ops): chained(*ops) for ops in CHAINS}


def test_two_factors_are_one() -> None:
    result = apply_rules(chained("Mul", "Mul"), RULES).graph
    assert show(result) == "x = Placeholder()\ny = Mul(x, c0)\n-> y"
    assert result.constants["c0"].sources == ("c0", "c1")


@pytest.mark.parametrize("ops", CHAINS)
def test_a_chain_is_a_factor_and_a_shift(ops: tuple[str, ...]) -> None:
    before = chained(*ops)
    result = apply_rules(before, RULES).graph
    assert ops_of(result) == CHAINS[ops]
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("ops", [("Mul", "Mul"), ("AddV2", "AddV2")])
@pytest.mark.parametrize("first", SHAPES)
@pytest.mark.parametrize("second", SHAPES)
def test_constants_of_any_shape(ops: tuple[str, ...], first: str, second: str) -> None:
    before = chained(*ops, shapes=(first, second))
    result = apply_rules(before, RULES).graph
    assert len(ops_of(result)) == 1
    assert_same_numbers(before, result, x=X)


class TestLeavesAlone:
    def test_constants_that_together_are_larger_than_each(self) -> None:
        before = chained("Mul", "Mul", values={0: weights(3, 1, 1), 1: weights(5, 4)})
        assert "a larger constant would be made" in refusals(RULES, before)

    def test_a_sum_whose_parts_cancel(self) -> None:
        """(x - 1000) / 0.5 + 2000: x about 1000 is exact before, and isn't after."""
        before = chained("AddV2", "Mul", "AddV2", values={0: -1000.0, 1: 2.0, 2: 2000.0})
        assert "too few bits" in refusals(RULES, before)

    @pytest.mark.parametrize(("a", "b"), [(1e30, 1e30), (1e-30, 1e-30)])
    def test_a_product_that_leaves_float32(self, a: float, b: float) -> None:
        reason = refusals(RULES, chained("Mul", "Mul", values={0: a, 1: b}))
        assert reason == f"the weights would {'no longer be finite in' if a > 1 else 'be too small for'} float32"

    def test_integers(self) -> None:
        draft = Draft("int32")
        y = draft.input("x", (2, 4))
        for i, name in enumerate(("n", "y")):
            y = draft.typed("Mul", name, y, draft.const(f"c{i}", np.full(4, 3, np.int32)))
        assert refusals(RULES, inferred(draft.graph(y))) == "the constants aren't floating"

    def test_a_bias_which_is_fused_with_its_kernel(self) -> None:
        assert refusals(RULES, chained("BiasAdd", "AddV2")) == ""

    def test_what_somebody_else_reads(self) -> None:
        draft = Draft()
        n = draft.typed("Mul", "n", draft.input("x", (2, 4)), draft.const("a", weights(4)))
        y = draft.typed("Mul", "y", n, draft.const("b", weights(4)))
        assert refusals(RULES, inferred(draft.graph(y, n))) == ""

    def test_a_constant_that_others_read_stays_as_it_is(self) -> None:
        draft = Draft()
        n = draft.typed("Mul", "n", draft.input("x", (None, 3, 5, 4)), draft.const("a", weights(4)))
        y = draft.typed("Mul", "y", n, draft.const("b", weights(4, seed=1)))
        before = inferred(draft.graph(y, draft.typed("AddV2", "z", "x", "a"), draft.typed("Mul", "v", "x", "b")))
        result = apply_rules(before, RULES).graph
        assert sorted(ops_of(result)) == ["AddV2", "Mul", "Mul"]
        assert_same_numbers(before, result, x=X)
