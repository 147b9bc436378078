from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, ShapeAttr
from tfjsci.rewrite.rules.settled_minimum import RULES


def bounded(
    outer: str,
    inner: str,
    most: Any,
    least: Any,
    *,
    dtype: str = "int32",
    shape: tuple[int, ...] = (),
    swapped: bool = False,
) -> Graph:
    draft = Draft(dtype=dtype) if dtype.startswith("float") else Draft()
    kind = DType(dtype)
    x = draft.op("Placeholder", "x", dtype=kind, shape=ShapeAttr(shape))
    bounds = [draft.const(name, np.array(value, dtype)) for name, value in (("most", most), ("least", least))]
    within = draft.op(inner, "within", *((x, bounds[1]) if swapped else (bounds[1], x)), T=kind)
    return draft.graph(draft.op(outer, "y", *((within, bounds[0]) if swapped else (bounds[0], within)), T=kind))


EXAMPLES = {
    "equal bounds": bounded("Minimum", "Maximum", 5, 5),
    "the least is more": bounded("Minimum", "Maximum", 4, 5, swapped=True),
    "the other way": bounded("Maximum", "Minimum", 7, 5),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_outer_bound_is_left(name: str) -> None:
    result = applied_all(RULES, EXAMPLES[name])
    assert [node.op for node in result.pruned().nodes if node.op not in ("Const", "Placeholder")] == ["Identity"]
    for x in (-3, 5, 9):
        assert_same_numbers(EXAMPLES[name], result, x=np.int32(x))


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (bounded("Minimum", "Maximum", 6, 5), "x may lie between"),
        (bounded("Maximum", "Minimum", 4, 5), "x may lie between"),
        (bounded("Minimum", "Maximum", 5, 5, dtype="float32"), "a float may be NaN"),
        (bounded("Minimum", "Maximum", 5, 5, shape=(3,)), "they aren't single numbers"),
    ],
)
def test_leaves_alone(graph: Graph, reason: str) -> None:
    assert reason in declined_all(RULES, graph)
