from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from test_sink_scale import STEPS, Step, conv, dense, pool, reshape

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.sink_shift import RULE

SHIFT = weights(4, seed=2)
X = np.random.default_rng(1).normal(size=(2, 6, 8, 4)).astype(np.float32)


def valid(draft: Draft, y: str) -> str:
    return draft.conv("y", y, draft.const("w", weights(2, 2, 4, 3)), padding="VALID")


def shifted(step: Step, end: Step, shift: Any = SHIFT, *, shape: Any = (None, 6, 8, 4)) -> Graph:
    draft = Draft()
    y = draft.typed("AddV2", "shifted", draft.input("x", shape), draft.const("t", shift))
    return inferred(draft.graph(end(draft, step(draft, y))))


PASSED = [name for name in STEPS if name not in ("Relu", "LeakyRelu", "Pad")]


def ended(name: str, shift: Any = SHIFT) -> Graph:
    step, end = STEPS[name]
    if name == "Mean that keeps dimensions":
        end = lambda draft, y: draft.conv("y", y, draft.const("w", weights(1, 1, 4, 3)))  # noqa: E731
    return shifted(step, valid if end is conv else end, shift)


EXAMPLES = {name: ended(name) for name in PASSED}


def test_the_addition_stands_behind_the_pool() -> None:
    result = applied(RULE, ended("MaxPool"))
    assert show(result) == "x = Placeholder()\nf/maxpool = MaxPool(x)\nf = AddV2(f/maxpool, t)\ny = Conv2D(f, w)\n-> y"


@pytest.mark.parametrize("name", PASSED)
@pytest.mark.parametrize("shift", [SHIFT, -0.5, SHIFT.reshape(1, 1, 1, 4)])
def test_keeps_the_numbers(name: str, shift: Any) -> None:
    before = ended(name, shift)
    assert_same_numbers(before, applied(RULE, before), x=X)


@pytest.mark.parametrize("name", ["MaxPool", "AvgPool that pads", "Mean"])
def test_what_makes_less_of_a_tensor_whoever_reads_it(name: str) -> None:
    before = shifted(STEPS[name][0], lambda draft, y: draft.typed("Tanh", "y", y))
    assert_same_numbers(before, applied(RULE, before), x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("name", ["Relu", "LeakyRelu", "Pad"])
    def test_what_passes_a_factor_only(self, name: str) -> None:
        assert declined(RULE, shifted(STEPS[name][0], valid)) == ""

    def test_a_reshape_before_a_convolution_that_pads(self) -> None:
        reason = declined(RULE, shifted(reshape(-1, 8, 6, 4), conv))
        assert reason == "no bias behind could take the shift in"

    def test_a_reshape_that_no_kernel_follows(self) -> None:
        reason = declined(RULE, shifted(reshape(-1, 4), lambda draft, y: draft.typed("Tanh", "y", y)))
        assert reason == "no bias behind could take the shift in"

    def test_a_bias_that_a_kernel_has_already(self) -> None:
        draft = Draft()
        y = draft.conv("before", draft.input("x", (None, 6, 8, 4)), draft.const("v", weights(1, 1, 4, 4)))
        y = draft.typed("AddV2", "shifted", y, draft.const("t", SHIFT))
        graph = inferred(draft.graph(valid(draft, pool("MaxPool")(draft, y))))
        assert declined(RULE, graph) == "the shift is a bias already"

    def test_a_shift_for_each_place(self) -> None:
        assert "isn't one number for each channel" in declined(RULE, shifted(pool("MaxPool"), valid, weights(6, 8, 4)))

    def test_a_shift_that_would_cost_precision(self) -> None:
        assert "too few bits" in declined(RULE, shifted(pool("AvgPool"), valid, 1000.0))

    def test_a_grey_picture_that_the_shift_makes_coloured(self) -> None:
        assert "without stretching it" in declined(RULE, shifted(pool("MaxPool"), valid, shape=(None, 6, 8, 1)))

    def test_integers(self) -> None:
        draft = Draft("int32")
        y = draft.typed("AddV2", "shifted", draft.input("x", (None, 4)), draft.const("t", np.ones(4, np.int32)))
        y = reshape(-1, 2, 2)(draft, y)
        assert declined(RULE, inferred(draft.graph(y))) == "the shift isn't floating"

    def test_a_sum_that_somebody_else_reads(self) -> None:
        draft = Draft()
        y = draft.typed("AddV2", "shifted", draft.input("x", (None, 6, 8, 4)), draft.const("t", SHIFT))
        graph = inferred(draft.graph(valid(draft, pool("MaxPool")(draft, y)), draft.typed("Neg", "z", y)))
        assert declined(RULE, graph) == ""


def test_flatten_spreads_the_shift() -> None:
    before = shifted(reshape(-1, 192), dense(192))
    assert applied(RULE, before).constants["t"].value.shape == (192,)
