from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.lift_from_join import RULES

X = np.random.default_rng(1).normal(size=(2, 5, 6, 4)).astype(np.float32)


def joined(
    f: str = "Relu", c: Any = None, *, axis: int = -1, bias: bool = False, third: str = "", **attrs: Any
) -> Graph:
    """f behind the join of two convolutions, of 2 and of 3 channels."""
    draft = Draft()
    x = draft.input("x", (None, 5, 6, 4))
    parts = [
        draft.conv("first", x, draft.const("v", weights(3, 3, 4, 2))),
        draft.conv("second", x, draft.const("w", weights(1, 1, 4, 3 if axis in (-1, 3) else 2))),
    ]
    if bias:
        parts[0] = draft.bias_add("biased", parts[0], draft.const("b", weights(2, seed=3)))
    parts += [third] if third else []
    at = draft.const("axis", np.array(axis, np.int32))
    y = draft.typed("ConcatV2", "join", *parts, at, N=len(parts), Tidx=DType("int32"))
    if f == "BiasAdd":
        attrs = {"data_format": b"NHWC", **attrs}
    return inferred(draft.graph(draft.typed(f, "y", *((y,) if c is None else (y, draft.const("c", c))), **attrs)))


EXAMPLES = {
    "an activation": joined(),
    "a factor": joined("Mul", weights(5, seed=1)),
    "a bias, behind one of them": joined("BiasAdd", weights(5, seed=1), bias=True),
    "one number": joined("AddV2", 0.5, axis=3),
}


def test_each_part_gets_its_own() -> None:
    result = applied_once(RULES, joined("Mul", weights(5, seed=1)))
    assert show(result) == (
        "x = Placeholder()\nfirst = Conv2D(x, v)\nsecond = Conv2D(x, w)\ny/mul = Mul(first, c)\n"
        "y/mul_1 = Mul(second, c_1)\ny = ConcatV2(y/mul, y/mul_1, axis)\n-> y"
    )
    assert [result.constants[name].value.shape for name in ("c", "c_1")] == [(2,), (3,)]
    assert result.constants["c_1"].sources == ("c",)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("axis", [-1, 3])
@pytest.mark.parametrize(
    ("f", "c"),
    [
        ("Relu", None),
        ("Sigmoid", None),
        ("Mul", weights(5)),
        ("AddV2", weights(1, 1, 1, 5)),
        ("BiasAdd", weights(5)),
        ("Mul", -2.0),
    ],
)
def test_keeps_the_numbers(f: str, c: Any, axis: int, bias: bool) -> None:
    before = joined(f, c, axis=axis, bias=bias)
    assert_same_numbers(before, applied_once(RULES, before), x=X)


class TestLeavesAlone:
    def test_a_join_along_another_axis(self) -> None:
        assert refusals(RULES, joined(axis=1)) == "it joins along another axis"

    @pytest.mark.parametrize("third", ["x", "first"])
    def test_a_part_that_no_kernel_makes_or_that_is_joined_twice(self, third: str) -> None:
        assert refusals(RULES, joined(third=third)) == "a part isn't made by a kernel, or others read it"

    def test_a_constant_for_each_place(self) -> None:
        assert "isn't one number for each channel" in refusals(RULES, joined("AddV2", weights(5, 6, 5)))

    def test_what_cannot_be_fused(self) -> None:
        assert refusals(RULES, joined("Tanh")) == ""

    def test_a_part_that_is_an_output(self) -> None:
        graph = joined()
        again = Graph(nodes=graph.nodes, outputs=("y", "second"), constants=graph.constants, types=graph.types)
        assert refusals(RULES, again) == "a part isn't made by a kernel, or others read it"
