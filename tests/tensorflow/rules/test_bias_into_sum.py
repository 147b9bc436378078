from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from every_linear import CHANNELS, EVERY, Linear, conv, conv_strided, input_for, matmul
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.bias_into_sum import AFTER_BIAS, RULE

after, refused = partial(applied, RULE), partial(declined, RULE)


def summed(
    linear: Linear = conv,
    shift: Any = None,
    *,
    biased: bool = False,
    sum_swapped: bool = False,
    swapped: bool = False,
    operands: int = 2,
    like: Shape = None,
) -> Graph:
    """A residual: another tensor like the convolution's result, the sum of both, and one number a channel added to it."""
    draft = Draft()
    y = linear(draft)
    if biased:
        y = draft.bias_add("biased", y, draft.const("b", weights(CHANNELS)))
    x = draft.input("r", like)
    c = draft.const("c", weights(CHANNELS) if shift is None else shift)
    both = (y, x) if sum_swapped else (x, y)
    total = draft.typed("AddN", "sum", *both, *[x] * (operands - 2), N=operands)
    return draft.graph(draft.typed("AddV2", "y", *((c, total) if swapped else (total, c))))


def residual_for(linear: Linear) -> Any:
    draft = Draft()
    linear(draft)
    from fused_reference import outputs_of

    (value,) = outputs_of(draft.graph("linear"), x=input_for(linear))
    return np.random.default_rng(2).normal(size=value.shape).astype(np.float32)


EXAMPLES = {
    "of a convolution": summed(conv, like=(None, 4, 5, CHANNELS)),
    "of a product, both swapped": summed(matmul, like=(None, CHANNELS), swapped=True, sum_swapped=True),
    "behind a bias": summed(conv_strided, like=(None, 1, 2, CHANNELS), biased=True),
}


def test_the_shift_goes_to_the_convolution() -> None:
    assert show(after(summed())) == (
        "x = Placeholder()\nr = Placeholder()\nlinear = Conv2D(x, w)\ny/addv2 = AddV2(linear, c)\ny = AddV2(r, y/addv2)\n-> y"
    )


@pytest.mark.parametrize("sum_swapped", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, swapped: bool, sum_swapped: bool) -> None:
    before = summed(linear, swapped=swapped, sum_swapped=sum_swapped)
    result = after(before)
    assert "AddN" not in show(result)
    assert_same_numbers(before, result, x=input_for(linear), r=residual_for(linear))


@pytest.mark.parametrize("linear", [conv, conv_strided, matmul])
def test_behind_a_bias(linear: Linear) -> None:
    before = summed(linear, biased=True)
    result = applied(AFTER_BIAS, before)
    assert "AddN" not in show(result)
    assert_same_numbers(before, result, x=input_for(linear), r=residual_for(linear))


def cell(*, op: str = "BiasAdd", sum_op: str = "AddV2") -> Graph:
    """A recurrent cell's two products, summed, and a bias behind the sum."""
    draft = Draft()
    of_input = draft.matmul("of_input", draft.input("x", (None, 4)), draft.const("w", weights(4, 6)))
    of_state = draft.matmul("of_state", draft.input("h", (None, 6)), draft.const("u", weights(6, 6)))
    total = draft.typed(sum_op, "sum", of_input, of_state, **({"N": 2} if sum_op == "AddN" else {}))
    b = draft.const("b", weights(6))
    return draft.graph(draft.bias_add("y", total, b) if op == "BiasAdd" else draft.typed(op, "y", total, b))


@pytest.mark.parametrize("sum_op", ["AddV2", "Add", "AddN"])
@pytest.mark.parametrize("op", ["BiasAdd", "AddV2", "Add"])
def test_a_recurrent_cells_bias_goes_to_the_product_of_what_comes_in(op: str, sum_op: str) -> None:
    before = cell(op=op, sum_op=sum_op)
    result = after(before)
    assert show(result) == (
        "x = Placeholder()\nh = Placeholder()\nof_state = MatMul(h, u)\nof_input = MatMul(x, w)\n"
        "y/addv2 = AddV2(of_input, b)\ny = AddV2(of_state, y/addv2)\n-> y"
    )
    rng = np.random.default_rng(3)
    given = {name: rng.normal(size=(2, size)).astype(np.float32) for name, size in (("x", 4), ("h", 6))}
    assert_same_numbers(before, result, **given)


class TestLeavesAlone:
    def test_two_constants(self) -> None:
        draft = Draft()
        c = draft.const("c", weights(6))
        total = draft.typed("AddV2", "sum", conv(draft), c)
        assert "merge_biases" in refused(draft.graph(draft.typed("AddV2", "y", total, draft.const("d", weights(6)))))

    def test_a_bias_along_another_axis(self) -> None:
        draft = Draft()
        total = draft.typed("AddV2", "sum", draft.input("r"), conv(draft))
        biased = draft.bias_add("y", total, draft.const("c", weights(6)), data_format=b"NCHW")
        assert refused(draft.graph(biased)) != ""

    @pytest.mark.parametrize("shape", [(5, 1), (1, 4, 5, 1), (2, 4, 5, 6)])
    def test_an_addend_that_differs_by_place(self, shape: tuple[int, ...]) -> None:
        assert "isn't one number for each of 6 channels" in refused(summed(shift=weights(*shape)))

    def test_a_sum_of_three(self) -> None:
        assert "more than two" in refused(summed(operands=3))

    def test_a_sum_without_a_convolution(self) -> None:
        draft = Draft()
        total = draft.typed("AddN", "sum", draft.input("x"), draft.input("r"), N=2)
        assert refused(draft.graph(draft.typed("AddV2", "y", total, draft.const("c", weights(6))))) == ""

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        y = draft.conv(
            "linear", draft.input("x", (None, 6, 6, 6)), draft.const("w", weights(1, 1, 6, 6)), data_format=b"NCHW"
        )
        total = draft.typed("AddN", "sum", draft.input("r"), y, N=2)
        assert (
            refused(draft.graph(draft.typed("AddV2", "y", total, draft.const("c", weights(6)))))
            == "the channels aren't last"
        )

    @pytest.mark.parametrize("more", ["sum", "linear"])
    def test_what_another_reads_between(self, more: str) -> None:
        graph = summed()
        assert refused(Graph(nodes=graph.nodes, outputs=("y", more), constants=graph.constants)) == ""

    def test_another_addition(self) -> None:
        draft = Draft()
        total = draft.typed("Sub", "sum", draft.input("r"), conv(draft))
        assert refused(draft.graph(draft.typed("AddV2", "y", total, draft.const("c", weights(6))))) == ""
