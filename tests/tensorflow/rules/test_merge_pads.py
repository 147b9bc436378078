from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.merge_pads import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(1).normal(size=(2, 3, 4)).astype(np.float32)
P, Q = np.array([(0, 0), (1, 2), (0, 1)], np.int32), np.array([(0, 1), (3, 0), (0, 0)], np.int32)


def padded(inner: float | None = None, outer: float | None = None, q: Any = Q) -> Graph:
    """Two Pads; with numbers PadV2s that pad with them."""
    draft = Draft()
    y = draft.input("x", (None, 3, 4))
    for name, around, number in (("p", P, inner), ("q", q, outer)):
        more = () if number is None else (draft.const(f"{name}_number", number),)
        op = "Pad" if number is None else "PadV2"
        y = draft.typed(op, f"pad_{name}", y, draft.const(name, around), *more, Tpaddings=DType("int32"))
    return inferred(draft.graph(y))


EXAMPLES = {"zeros": padded(), "a number": padded(0.5, 0.5)}


def test_one_pad_is_left() -> None:
    result = after(padded())
    assert show(result) == "x = Placeholder()\npad_q = Pad(x, q)\n-> pad_q"
    assert result.constants["q"].value.tolist() == [[0, 1], [4, 2], [0, 1]]


@pytest.mark.parametrize(("inner", "outer"), [(None, None), (0.5, 0.5), (None, 0.0), (-np.inf, -np.inf)])
def test_keeps_the_numbers(inner: float | None, outer: float | None) -> None:
    before = padded(inner, outer)
    if inner == -np.inf:
        assert show(after(before)).count("Pad") == 1
    else:
        assert_same_numbers(before, after(before), x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize(("inner", "outer"), [(0.5, None), (None, 0.5), (1.0, 2.0)])
    def test_other_numbers(self, inner: float | None, outer: float | None) -> None:
        assert "pad with other numbers" in refused(padded(inner, outer))

    def test_a_pad_that_somebody_else_reads(self) -> None:
        graph = padded()
        again = Graph(nodes=graph.nodes, outputs=("pad_q", "pad_p"), constants=graph.constants, types=graph.types)
        assert refused(again) == ""

    def test_mirrored_numbers(self) -> None:
        draft = Draft()
        y = draft.typed("Pad", "a", draft.input("x", (None, 3, 4)), draft.const("p", P), Tpaddings=DType("int32"))
        ones = draft.const("q", np.array([(0, 0), (1, 1), (1, 1)], np.int32))
        y = draft.typed("MirrorPad", "b", y, ones, mode=b"REFLECT", Tpaddings=DType("int32"))
        assert refused(draft.graph(y)) == ""
