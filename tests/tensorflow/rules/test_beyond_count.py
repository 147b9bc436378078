from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft, values

from tfjsci.graph.graph import DType, Graph, ShapeAttr
from tfjsci.rewrite.rules.beyond_count import RULES

LARGEST = np.iinfo(np.int64).max


def counted(
    op: str, value: Any, *, count: int = 4, dtype: str = "int64", also_read: bool = False, masks: int = 1
) -> Graph:
    """How often each number below ``count`` is in ``x``, where ``m`` says that ``value`` stands instead."""
    draft = Draft()
    kind = DType(dtype)
    m = draft.op("Placeholder", "m", dtype=DType("bool"), shape=ShapeAttr((5,)))
    x = draft.op("Placeholder", "x", dtype=kind, shape=ShapeAttr((5,)))
    shape = () if masks == 1 else (masks,)
    chosen = draft.op("SelectV2", "chosen", m, draft.const("value", np.full(shape, value, dtype)), x, T=kind)
    n, weights = draft.const("n", np.array(count, dtype)), draft.const("weights", np.zeros(0, np.float32))
    before: dict[str, tuple[str, ...]] = {
        "RaggedBincount": (draft.const("splits", np.array([0, 2, 5], np.int64)),),
        "SparseBincount": (draft.const("at", np.array([[0, 0], [0, 3], [1, 0], [1, 1], [1, 2]], np.int64)),),
    }
    whole = (draft.const("shape", np.array([2, 4], np.int64)),) if op == "SparseBincount" else ()
    attrs: dict[str, Any] = {} if op == "Bincount" else {"Tidx": kind, "binary_output": False}
    inputs = (*before.get(op, ()), chosen, *whole, n, weights)
    y = draft.op(op, "y", *inputs, T=DType("float32"), **attrs)
    return draft.graph(y, *(["chosen"] if also_read else [])).pruned()


GIVEN = {"m": np.array([False, True, False, False, True]), "x": np.array([1, 0, 3, 7, 2])}
EXAMPLES = {
    "a vector": counted("DenseBincount", LARGEST),
    "int32": counted("Bincount", 2**31 - 1, dtype="int32"),
    "rows": counted("RaggedBincount", LARGEST),
    "entries": counted("SparseBincount", LARGEST),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_first_number_that_is_not_counted_stands_for_all(name: str) -> None:
    before = EXAMPLES[name]
    result = applied_all(RULES, before)
    assert values(result)["value"] == 4
    dtype = before.constants["value"].value.dtype
    assert_same_numbers(before, result, m=GIVEN["m"], x=GIVEN["x"].astype(dtype))


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (counted("DenseBincount", 3), "the number is counted"),
        (counted("DenseBincount", 4), "the first that isn't"),
        (counted("DenseBincount", LARGEST, masks=5), "they aren't single whole numbers"),
        (counted("DenseBincount", LARGEST, also_read=True), ""),
    ],
)
def test_leaves_alone(graph: Graph, reason: str) -> None:
    assert reason in declined_all(RULES, graph)
