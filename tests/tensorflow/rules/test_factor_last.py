from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.factor_last import RULE

after = partial(applied_all, (RULE,))
refused = partial(declined_all, (RULE,))


def product(
    scale: Any = None,
    *,
    shape: Shape = (3, 4),
    other: Shape = (3, 1),
    swapped: bool = False,
    behind: str = "MatMul",
) -> Graph:
    """x * (y * c) before a product; y is a number a row."""
    draft = Draft()
    x, y = draft.input("x", shape), draft.input("y", other)
    sides = (lambda a, b: (b, a)) if swapped else (lambda a, b: (a, b))
    scaled = draft.typed("Mul", "scaled", *sides(y, draft.const("c", weights(4) if scale is None else scale)))
    z = draft.typed("Mul", "z", *sides(x, scaled))
    if behind == "MatMul":
        return draft.graph(draft.matmul("out", z, draft.const("w", weights(4, 5))))
    return draft.graph(draft.typed(behind, "out", z) if behind else z)


EXAMPLES = {
    "a factor for each channel": product(),
    "the other way round": product(swapped=True),
    "one number": product(1 / 6),
    "both of one shape": product(other=(3, 4)),
    "the other one is larger": product(shape=(3, 1), other=(3, 4)),
}
GIVEN = np.random.default_rng(0)


def test_the_constant_comes_last() -> None:
    assert show(after(product())) == (
        "x = Placeholder()\ny = Placeholder()\nz/product = Mul(x, y)\nz = Mul(z/product, c)\nout = MatMul(z, w)\n-> out"
    )


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    given = {
        name: GIVEN.normal(size=before[name].attrs["shape"].shape).astype(np.float32)  # type: ignore[union-attr]
        for name in ("x", "y")
    }
    assert_same_numbers(before, after(before), rtol=1e-6, **given)


class TestLeavesAlone:
    @pytest.mark.parametrize("behind", ["", "Sigmoid"])
    def test_where_no_kernel_is_behind(self, behind: str) -> None:
        assert refused(product(behind=behind)) == "no kernel behind could take the factor in"

    def test_a_factor_that_differs_by_place(self) -> None:
        assert "isn't one number for each channel" in refused(product(weights(3, 4)))

    def test_a_factor_that_makes_the_channels(self) -> None:
        assert "known to have all the channels" in refused(product(shape=(3, 1)))

    def test_channels_that_are_not_known(self) -> None:
        assert "known to have all the channels" in refused(product(shape=(3, None)))

    def test_two_constants(self) -> None:
        draft = Draft()
        scaled = draft.typed("Mul", "scaled", draft.input("y", (3, 4)), draft.const("c", weights(4)))
        z = draft.typed("Mul", "z", scaled, draft.const("d", weights(4)))
        graph = draft.graph(draft.matmul("out", z, draft.const("w", weights(4, 5))))
        assert refused(graph) == "there is a second constant to merge it with"

    def test_a_square(self) -> None:
        draft = Draft()
        x = draft.input("x", (3, 4))
        z = draft.typed("Mul", "z", x, draft.typed("Mul", "scaled", x, draft.const("c", weights(4))))
        assert (
            refused(draft.graph(draft.matmul("out", z, draft.const("w", weights(4, 5))))) == "both are the same tensor"
        )

    def test_a_product_that_somebody_else_reads(self) -> None:
        graph = product()
        assert refused(Graph(nodes=graph.nodes, outputs=("out", "scaled"), constants=graph.constants)) == ""
