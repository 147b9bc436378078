from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.select_over_ones import MASKS_FIRST, RULE

INT, BOOL = DType("int32"), DType("bool")
after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)


def masked(*masks: str, filling: bool = True, shape_of: str = "x") -> Graph:
    draft = Draft()
    x, other = draft.input("x", (None, 3, 4)), draft.input("other", (None, 1, 4))
    dims = draft.typed("Shape", "shape", x if shape_of == "x" else other, out_type=INT)
    both = draft.op("Fill", "ones", dims, draft.const("true", np.array(filling)), T=BOOL, index_type=INT)
    for i, mask in enumerate(masks):
        value = np.arange(12).reshape(3, 4) % (i + 2) == 0
        both = draft.op("LogicalAnd", f"and{i}", both, draft.const(mask, value))
    return draft.graph(draft.typed("SelectV2", "y", both, x, draft.const("low", np.array(-1e9))))


EXAMPLES = {"a mask": masked("m"), "two masks": masked("m", "n")}


def test_the_ones_go() -> None:
    before = masked("m")
    result = after(before)
    assert [line for line in show(result).splitlines() if "other" not in line] == [
        "x = Placeholder()",
        "y = SelectV2(m, x, low)",
        "-> y",
    ]
    assert_same_numbers(before, result, x=X, other=X[:, :1])


def test_two_masks_are_put_together_first() -> None:
    before = masked("m", "n")
    result = apply_rules(before, [MASKS_FIRST, RULE]).graph
    assert "Fill" not in [node.op for node in result.nodes]
    assert_same_numbers(before, result, x=X, other=X[:, :1])


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (masked("m", filling=False), "the Fill isn't of true"),
        (masked("m", shape_of="other"), "the Fill hasn't the shape of what is selected"),
    ],
)
def test_leaves_alone_what_decides_more(graph: Graph, reason: str) -> None:
    assert refused(graph) == reason
