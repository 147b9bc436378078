from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft, values

from tfjsci.graph.graph import DType, Graph, ShapeAttr
from tfjsci.rewrite.rules.bounded_mask import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
MASK = np.array([[True, False, True], [False, False, False]])


def softmax(low: float, *, op: str = "Softmax") -> Graph:
    draft = Draft()
    mask = draft.op("Placeholder", "m", dtype=DType("bool"), shape=ShapeAttr((None, 3)))
    y = draft.typed("SelectV2", "selected", mask, draft.input("x", (None, 3)), draft.const("low", np.array(low)))
    return draft.graph(draft.typed(op, "y", y))


EXAMPLES = {"a mask of float32's lowest number": softmax(-2.37e38)}


@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
def test_a_mask_too_low_for_webgl_is_raised(op: str) -> None:
    before = softmax(-2.37e38, op=op)
    result = after(before)
    assert values(result) == {"low/raised": pytest.approx(-9e19, rel=1e-6)}
    x = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    if op == "Softmax":
        assert_same_numbers(before, result, x=x, m=MASK)


def test_though_its_shape_is_read_too() -> None:
    draft = Draft()
    mask = draft.op("Placeholder", "m", dtype=DType("bool"), shape=ShapeAttr((None, 3)))
    selected = draft.typed("SelectV2", "selected", mask, draft.input("x", (None, 3)), draft.const("low", -2.37e38))
    draft.typed("Softmax", "y", selected)
    draft.op("Shape", "size", selected, T=DType("float32"), out_type=DType("int32"))
    assert "low/raised" in values(after(draft.graph("y", "size")))


def test_leaves_alone_what_is_read_by_another_or_is_an_output() -> None:
    draft = Draft()
    mask = draft.op("Placeholder", "m", dtype=DType("bool"), shape=ShapeAttr((None, 3)))
    selected = draft.typed("SelectV2", "selected", mask, draft.input("x", (None, 3)), draft.const("low", -2.37e38))
    draft.typed("Softmax", "y", selected)
    draft.typed("Relu", "z", selected)
    assert "isn't read by a softmax alone" in refused(draft.graph("y", "z"))
    assert "isn't read by a softmax alone" in refused(draft.graph("y", "selected"))


@pytest.mark.parametrize("low", [-1e9, -1e19, 0.0, -np.inf])
def test_leaves_alone_what_can_be_compared_and_what_is_no_number(low: float) -> None:
    assert "which every backend can compare" in refused(softmax(low))
