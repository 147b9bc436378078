from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from shape_draft import INT, ShapeDraft

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.idle_move import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
MASKS: dict[str, Any] = dict.fromkeys(
    ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0
)


def moved(op: str, *constants: Any, shape: Shape = (None, 3, 4), **attrs: Any) -> Graph:
    """The op on x and these int constants."""
    draft = ShapeDraft()
    x = draft.input("x", shape)
    numbers = [draft.const(f"c{i}", np.array(value, np.int32)) for i, value in enumerate(constants)]
    return inferred(draft.graph(draft.typed("Relu", "y", draft.typed(op, "f", x, *numbers, **attrs))))


def strided(*bounds: tuple[int, ...], **masks: int) -> Graph:
    return moved("StridedSlice", *bounds, Index=INT, **{**MASKS, **masks})


EXAMPLES = {
    "Pad": moved("Pad", np.zeros((3, 2)), Tpaddings=INT),
    "MirrorPad": moved("MirrorPad", np.zeros((3, 2)), Tpaddings=INT, mode=b"REFLECT"),
    "Slice": moved("Slice", (0, 0, 0), (-1, 3, 4), Index=INT),
    "StridedSlice": strided((0, 0, 0), (0, 3, 9), (1, 1, 1), end_mask=1),
    "Tile": moved("Tile", (1, 1, 1), Tmultiples=INT),
    "Transpose": moved("Transpose", (0, 1, 2), Tperm=INT),
    "AddN": moved("AddN", N=1),
    "BroadcastTo": moved("BroadcastTo", (2, 3, 4), Tidx=INT, shape=(2, 3, 4)),
}


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_what_changes_nothing_goes(before: Graph) -> None:
    result = after(before)
    assert [node.op for node in result if node.op not in ("Const", "Placeholder")] == ["Identity", "Relu"]
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize(
    "graph",
    [
        moved("Pad", [(0, 0), (0, 1), (0, 0)], Tpaddings=INT),
        moved("Slice", (0, 1, 0), (-1, 2, 4), Index=INT),
        moved("Slice", (0, 0, 0), (2, 3, 4), Index=INT),  # two of an open batch
        strided((0, 0, 0), (0, 3, 4), (1, 1, -1), end_mask=5, begin_mask=5),
        strided((0, 0, 0), (0, 2, 4), (1, 1, 1), end_mask=1),
        strided((0, 0, 0), (0, 1, 4), (1, 1, 1), end_mask=1, shrink_axis_mask=2),
        moved("Tile", (1, 2, 1), Tmultiples=INT),
        moved("Transpose", (0, 2, 1), shape=(None, 4, 4), Tperm=INT),
        moved("BroadcastTo", (2, 3, 4), Tidx=INT, shape=(1, 3, 4)),
    ],
    ids=lambda graph: show(graph).splitlines()[1],
)
def test_leaves_alone_what_does_something(graph: Graph) -> None:
    assert "isn't known" in refused(graph)


def test_leaves_alone_two_that_are_added() -> None:
    draft = ShapeDraft()
    x = draft.input("x", (None, 3))
    assert refused(inferred(draft.graph(draft.typed("AddN", "y", x, x, N=2)))) == "it isn't known to change nothing"
