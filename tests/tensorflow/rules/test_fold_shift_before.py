from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from weighted import KINDS, MADE, READ

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.fold_shift_before import RULES

SHIFT = weights(READ, seed=2)
UNFUSED = {"conv3d", "transposed 1x1", "product of rows", "product with a batch", "product with a batch, transposed"}
"""What has no fused form: only a bias that is there already takes the shift in."""


def shifted(kind: str, shift: Any = SHIFT, *, biased: bool = False, shape: Any = None) -> Graph:
    """x + t before the op."""
    draft, made = Draft(), KINDS[kind]
    y = draft.typed("AddV2", "shifted", draft.input("x", shape or made.x), draft.const("t", shift))
    y = made.of(draft, y, "y")
    if biased:
        y = draft.typed("AddV2", "z", y, draft.const("b", weights(1, made.made, seed=3)))
    return inferred(draft.graph(y))


UNPADDED = [kind for kind, made in KINDS.items() if not made.pads]
PADDED = [kind for kind, made in KINDS.items() if made.pads]

EXAMPLES = {f"before {kind}": shifted(kind, biased=kind in UNFUSED) for kind in UNPADDED}


def test_the_shift_becomes_a_bias() -> None:
    result = applied_once(RULES, shifted("conv valid"))
    assert show(result) == "x = Placeholder()\ny/conv2d = Conv2D(x, w)\ny = BiasAdd(y/conv2d, t)\n-> y"
    assert result.constants["t"].value.shape == (MADE,)
    assert result.constants["t"].sources == ("t", "w")


@pytest.mark.parametrize("kind", UNPADDED)
def test_keeps_the_numbers(kind: str) -> None:
    before = shifted(kind, biased=kind in UNFUSED)
    assert_same_numbers(before, applied_once(RULES, before), x=KINDS[kind].input())


@pytest.mark.parametrize("shift", [0.5, SHIFT.reshape(1, 1, 1, READ), np.array([-2.0])])
def test_any_shift_that_treats_channels_alike(shift: Any) -> None:
    before = shifted("conv strided", shift)
    assert_same_numbers(before, applied_once(RULES, before), x=KINDS["conv strided"].input())


@pytest.mark.parametrize("kind", KINDS)
def test_a_shift_of_zero_goes_whatever_is_padded(kind: str) -> None:
    result = applied_once(RULES, shifted(kind, np.zeros(READ)))
    assert "AddV2" not in show(result)
    assert_same_numbers(shifted(kind, np.zeros(READ)), result, x=KINDS[kind].input())


class TestLeavesAlone:
    @pytest.mark.parametrize("kind", PADDED)
    def test_what_pads_zeros_beside_the_shifted_numbers(self, kind: str) -> None:
        reason = refusals(RULES, shifted(kind, biased=True))
        assert reason in ("the convolution pads", "at the borders a transposed convolution meets fewer weights")

    def test_same_padding_of_a_size_that_is_not_known(self) -> None:
        kind = "conv same that pads nothing"
        assert refusals(RULES, shifted(kind, shape=(None, None, 6, READ))) == "the convolution pads"

    @pytest.mark.parametrize("kind", sorted(UNFUSED))
    def test_a_bias_that_could_not_be_fused(self, kind: str) -> None:
        assert refusals(RULES, shifted(kind)) == "no bias could take the shift in: it would be added behind as well"

    def test_a_shift_that_would_cost_precision(self) -> None:
        """x about 1000, less 1000: what is left has been rounded when x was, and would be again."""
        assert "too few bits" in refusals(RULES, shifted("conv valid", np.array([1.0, 2.0, -1000.0, 0.5])))

    def test_a_grey_picture_that_the_shift_makes_coloured(self) -> None:
        assert "without stretching it" in refusals(RULES, shifted("conv valid", shape=(None, 5, 6, 1)))

    def test_a_shift_for_each_place(self) -> None:
        assert "isn't one number for each" in refusals(RULES, shifted("conv valid", weights(5, 6, READ)))

    def test_what_somebody_else_reads(self) -> None:
        draft, kind = Draft(), KINDS["conv valid"]
        y = draft.typed("AddV2", "shifted", draft.input("x", kind.x), draft.const("t", SHIFT))
        assert refusals(RULES, inferred(draft.graph(kind.of(draft, y, "y"), "shifted"))) == ""

    def test_two_tensors_that_are_added(self) -> None:
        draft, kind = Draft(), KINDS["conv valid"]
        y = draft.typed("AddV2", "sum", draft.input("x", kind.x), draft.input("z", kind.x))
        assert refusals(RULES, inferred(draft.graph(kind.of(draft, y, "y")))) == ""
