from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from weighted import KINDS, READ

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.fold_scale_before import RULES

SCALE = weights(READ, seed=1)
SHIFT = weights(READ, seed=2)


def scaled(kind: str, scale: Any = SCALE, shift: Any = None, *, swapped: bool = False, **x: Any) -> Graph:
    """x * s [+ t] before the op."""
    draft, made = Draft(), KINDS[kind]
    y = draft.input("x", x.get("shape", made.x))
    s = draft.const("s", scale)
    y = draft.typed("Mul", "scaled", *((s, y) if swapped else (y, s)))
    if shift is not None:
        y = draft.typed("AddV2", "shifted", y, draft.const("t", shift))
    return inferred(draft.graph(made.of(draft, y, "y")))


EXAMPLES = {
    **{f"before {kind}": scaled(kind) for kind in KINDS},
    **{
        f"with a shift before {kind}": scaled(kind, shift=SHIFT)
        for kind in ("conv same", "depthwise same", "transposed")
    },
}


def test_the_kernel_takes_the_factor_in() -> None:
    result = applied_once(RULES, scaled("conv same"))
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w)\n-> y"
    assert result.constants["w"].sources == ("w", "s")


def test_the_shift_stays_divided_by_the_factor() -> None:
    result = applied_once(RULES, scaled("conv same", shift=SHIFT))
    assert show(result) == "x = Placeholder()\nshifted = AddV2(x, t)\ny = Conv2D(shifted, w)\n-> y"
    np.testing.assert_allclose(result.constants["t"].value, SHIFT / SCALE, rtol=1e-6)


@pytest.mark.parametrize("shift", [None, SHIFT])
@pytest.mark.parametrize("kind", KINDS)
def test_keeps_the_numbers(kind: str, shift: Any) -> None:
    before = scaled(kind, shift=shift)
    result = applied_once(RULES, before)
    assert "= Mul(" not in show(result)
    assert_same_numbers(before, result, x=KINDS[kind].input())


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("scale", [-1.5, SCALE.reshape(1, 1, 1, READ), np.array([0.25])])
def test_any_factor_that_treats_channels_alike(scale: Any, swapped: bool) -> None:
    before = scaled("conv same", scale, swapped=swapped)
    assert_same_numbers(before, applied_once(RULES, before), x=KINDS["conv same"].input())


def test_a_factor_of_zero_makes_the_weights_zero() -> None:
    before = scaled("conv valid", SCALE * np.array([1, 0, 1, 1]))
    assert_same_numbers(before, applied_once(RULES, before), x=KINDS["conv valid"].input())


def test_two_convolutions_that_share_a_kernel_get_their_own() -> None:
    draft, kind = Draft(), KINDS["conv same"]
    x = draft.input("x", kind.x)
    y = kind.of(draft, draft.typed("Mul", "m", x, draft.const("s", SCALE)), "y")
    draft.typed("Conv2D", "z", draft.typed("Mul", "n", x, draft.const("u", SHIFT)), "w", **kind.attrs)
    draft.typed("Conv2D", "plain", x, "w", **kind.attrs)
    before = inferred(draft.graph(y, "z", "plain"))
    result = apply_rules(before, RULES).graph
    assert "= Mul(" not in show(result)
    assert_same_numbers(before, result, x=kind.input())


class TestLeavesAlone:
    def test_a_factor_for_each_place(self) -> None:
        assert "isn't one number for each of 4 channels that are read" in refusals(
            RULES, scaled("conv valid", weights(5, 6, READ))
        )

    def test_a_grey_picture_that_the_factor_makes_coloured(self) -> None:
        """Folded, the convolution would read one channel with a kernel for four."""
        assert "without stretching it" in refusals(RULES, scaled("conv valid", shape=(None, 5, 6, 1)))

    def test_channels_that_are_not_known(self) -> None:
        assert "isn't known" in refusals(RULES, scaled("conv valid", shape=(None, 5, 6, None)))

    @pytest.mark.parametrize("zero", [0.0, np.inf, np.nan])
    def test_a_shift_that_cannot_be_divided(self, zero: float) -> None:
        scale = SCALE * np.array([1, zero, 1, 1])
        reason = refusals(RULES, scaled("conv valid", scale, SHIFT))
        assert "zero or not finite" in reason or "no longer be finite" in reason

    def test_a_factor_that_leaves_float32(self) -> None:
        assert (
            refusals(RULES, scaled("conv valid", 2.2e38 * SCALE)) == "the weights would no longer be finite in float32"
        )
        assert refusals(RULES, scaled("conv valid", 1e-39 * SCALE)) == "the weights would be too small for float32"

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        y = draft.typed("Mul", "m", draft.input("x", (None, 4, 5, 6)), draft.const("s", 2.0))
        y = draft.conv("y", y, draft.const("w", weights(1, 1, 4, 6)), data_format=b"NCHW")
        assert refusals(RULES, inferred(draft.graph(y))) == "the channels aren't last"

    def test_a_shift_for_each_place(self) -> None:
        assert "the shift's shape" in refusals(RULES, scaled("conv valid", shift=weights(5, 6, READ)))

    @pytest.mark.parametrize("more", [lambda draft: draft.typed("Relu", "z", "scaled"), lambda draft: "scaled"])
    def test_what_somebody_else_reads(self, more: Callable[[Draft], str]) -> None:
        draft, kind = Draft(), KINDS["conv valid"]
        y = draft.typed("Mul", "scaled", draft.input("x", kind.x), draft.const("s", SCALE))
        graph = inferred(draft.graph(kind.of(draft, y, "y"), more(draft)))
        assert refusals(RULES, graph) == ""

    def test_a_kernel_that_is_computed(self) -> None:
        draft, kind = Draft(), KINDS["conv valid"]
        y = draft.typed("Mul", "scaled", draft.input("x", kind.x), draft.const("s", SCALE))
        w = draft.typed("Neg", "n", draft.const("w", weights(*kind.kernel)))
        assert refusals(RULES, inferred(draft.graph(draft.typed("Conv2D", "y", y, w, **kind.attrs)))) == ""
