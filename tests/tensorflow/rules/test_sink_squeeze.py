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
from tfjsci.rewrite.rules.sink_squeeze import OF_BOTH, RULE, WITH_CONSTANT

X = np.random.default_rng(1).normal(size=(2, 1, 5, 3)).astype(np.float32)

after, refused = partial(applied, RULE), partial(declined, RULE)
with_constant, refused_constant = partial(applied, WITH_CONSTANT), partial(declined, WITH_CONSTANT)


def squeezed(draft: Draft, *, shape: tuple[int | None, ...] = (None, 1, 5, 3), dims: tuple[int, ...] = (1,)) -> str:
    return draft.typed("Squeeze", "s", draft.input("x", shape), squeeze_dims=dims)


def unary(op: str = "Relu", **more: Any) -> Graph:
    draft = Draft()
    return inferred(draft.graph(draft.typed(op, "y", squeezed(draft, **more))))


def binary(op: str, value: Any, *, swapped: bool = False, **more: Any) -> Graph:
    draft = Draft()
    s, c = squeezed(draft, **more), draft.const("c", value)
    attrs = {"data_format": b"NHWC"} if op == "BiasAdd" else {}
    return inferred(draft.graph(draft.typed(op, "y", *((c, s) if swapped else (s, c)), **attrs)))


def both() -> Graph:
    draft = Draft()
    other = draft.typed("Squeeze", "o", draft.input("x2", (None, 1, 5, 3)), squeeze_dims=(1,))
    return inferred(draft.graph(draft.typed("AddV2", "y", squeezed(draft), other)))


EXAMPLES = {
    "an activation": unary(),
    "a bias": binary("BiasAdd", weights(3)),
    "a difference": binary("Sub", weights(1, 3), swapped=True),
    "a sum of two": both(),
}


def test_it_goes_behind_an_activation() -> None:
    result = after(unary())
    assert show(result) == "x = Placeholder()\ny/relu = Relu(x)\ny = Squeeze(y/relu)\n-> y"
    assert_same_numbers(unary(), result, x=X)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (1, 1, 3)])
@pytest.mark.parametrize("op", ["AddV2", "Mul", "Sub", "RealDiv"])
def test_one_number_for_each_channel(op: str, shape: tuple[int, ...], swapped: bool) -> None:
    before = binary(op, weights(*shape) if shape else 1.5, swapped=swapped)
    result = with_constant(before)
    assert show(result).endswith("= Squeeze(y/" + op.lower() + ")\n-> y")
    assert_same_numbers(before, result, x=X)


def test_a_bias() -> None:
    before = binary("BiasAdd", weights(3))
    result = with_constant(before)
    assert show(result) == "x = Placeholder()\ny/biasadd = BiasAdd(x, c)\ny = Squeeze(y/biasadd)\n-> y"
    assert_same_numbers(before, result, x=X)


def test_two_alike_become_one() -> None:
    before = both()
    result = applied(OF_BOTH, before)
    assert show(result).count("Squeeze") == 1
    assert_same_numbers(before, result, x=X, x2=X[::-1])


class TestLeavesAlone:
    @pytest.mark.parametrize("shape", [(5, 1), (5, 3), (1, 1, 1, 3)])
    def test_a_constant_that_differs_by_place(self, shape: tuple[int, ...]) -> None:
        assert "isn't one number" in refused_constant(binary("AddV2", weights(*shape)))

    def test_channels_that_are_squeezed_away(self) -> None:
        assert "channels" in refused(unary(shape=(None, 4, 5, 1), dims=(3,)))

    def test_more_than_4_dimensions(self) -> None:
        assert "5 dimensions" in refused(unary(shape=(None, 1, 5, 2, 3), dims=(1,)))

    def test_dimensions_that_only_the_run_finds(self) -> None:
        assert "isn't known" in refused(unary(dims=()))

    def test_two_that_lose_other_dimensions(self) -> None:
        draft = Draft()
        other = draft.typed("Squeeze", "o", draft.input("x2", (None, 5, 1, 3)), squeeze_dims=(2,))
        graph = inferred(draft.graph(draft.typed("AddV2", "y", squeezed(draft), other)))
        assert "lose other dimensions" in declined(OF_BOTH, graph)

    def test_a_squeezed_bias(self) -> None:
        assert "isn't one number for each channel" in refused_constant(
            binary("BiasAdd", weights(1, 3), swapped=True, shape=(1, 3), dims=(0,))
        )

    def test_one_that_another_reads(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "y", squeezed(draft))
        assert refused(inferred(draft.graph(y, "s"))) == ""

    @pytest.mark.parametrize("op", ["Softmax", "Cumsum", "L2Loss"])
    def test_ops_that_look_at_more_than_one_value(self, op: str) -> None:
        draft = Draft()
        s = squeezed(draft)
        if op == "Cumsum":
            y = draft.typed(op, "y", s, draft.const("axis", np.array(1, np.int32)), exclusive=False, reverse=False)
        else:
            y = draft.typed(op, "y", s)
        assert refused(draft.graph(y)) == ""
