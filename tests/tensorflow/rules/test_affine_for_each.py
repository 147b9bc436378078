from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.affine_for_each import RULE
from tfjsci.rewrite.rules.fold_scale_before import RULES as SCALES
from tfjsci.rewrite.rules.fold_shift_before import RULES as SHIFTS

C = 4

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(0).normal(size=(3, C)).astype(np.float32)


def projections(
    constant: Any = None,
    *,
    op: str = "Mul",
    count: int = 3,
    also: str = "",
    flip: bool = False,
    kernel: Any = None,
    more_outputs: tuple[str, ...] = (),
) -> Graph:
    """The same rows, scaled or shifted, multiplied with several kernels; ``also`` is what else reads them."""
    draft = Draft()
    x = draft.input("x", (3, C))
    c = draft.const("c", weights(C) if constant is None else constant)
    y = draft.typed(op, "y", *((c, x) if flip else (x, c)))
    ends = [
        draft.matmul(f"p{i}", y, draft.const(f"w{i}", weights(C, 2, seed=i) if kernel is None else kernel))
        for i in range(count)
    ]
    if also:
        ends.append(draft.typed(also, "also", y))
    return inferred(draft.graph(*ends, *more_outputs))


EXAMPLES = {"a scale": projections(), "a shift": projections(op="AddV2")}


def test_each_product_has_one_of_its_own() -> None:
    result = after(projections(count=2))
    assert show(result) == (
        "x = Placeholder()\ny_1 = Mul(x, c)\np0 = MatMul(y_1, w0)\ny_2 = Mul(x, c)\np1 = MatMul(y_2, w1)\n-> p0, p1"
    )


@pytest.mark.parametrize("op", ["Mul", "AddV2"])
@pytest.mark.parametrize("constant", [weights(C), weights(1, C), 2.0])
@pytest.mark.parametrize("flip", [True, False])
def test_other_rules_fold_them(op: str, constant: Any, flip: bool) -> None:
    before = projections(constant, op=op, flip=flip)
    folded = apply_rules(before, [RULE, *SCALES, *SHIFTS]).graph
    assert {node.op for node in folded} - {"Const"} == {"Placeholder", "MatMul"} | (
        {"BiasAdd"} if op == "AddV2" else set()
    )
    assert_same_numbers(before, folded, x=X)


class TestLeavesAlone:
    def test_a_single_product(self) -> None:
        assert refused(projections(count=1)) == "it has its operand for itself"

    def test_somebody_else_reads_it(self) -> None:
        assert "Relu also reads its operand, too" in refused(projections(also="Relu"))

    def test_an_output_in_the_middle(self) -> None:
        assert "is an output" in refused(projections(more_outputs=("y",)))

    def test_a_constant_for_each_row(self) -> None:
        assert "the constant isn't one number for each channel" in refused(projections(weights(3, 1)))

    def test_a_shift_too_large_to_be_added_elsewhere(self) -> None:
        assert "p0 reads its operand, too" in refused(projections(1e6, op="AddV2"))

    def test_a_scale_too_large_for_the_kernel(self) -> None:
        assert "p0 reads its operand, too" in refused(projections(1e20, kernel=np.full((C, 2), 1e30)))

    def test_two_tensors(self) -> None:
        draft = Draft()
        y = draft.typed("Mul", "y", draft.input("x", (3, C)), draft.input("z", (3, C)))
        products = [draft.matmul(f"p{i}", y, draft.const(f"w{i}", weights(C, 2))) for i in range(2)]
        assert "by a constant" in refused(inferred(draft.graph(*products)))

    def test_nothing_is_scaled(self) -> None:
        draft = Draft()
        x = draft.input("x", (3, C))
        products = [draft.matmul(f"p{i}", x, draft.const(f"w{i}", weights(C, 2))) for i in range(2)]
        assert "isn't scaled or shifted" in refused(inferred(draft.graph(*products)))
