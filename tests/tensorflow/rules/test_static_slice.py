from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import values
from shape_draft import INT, ShapeDraft

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.static_slice import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def sliced(begin: tuple[int, int, int] = (0, 1, 0), *, less: int = 1, last: int = 2) -> Graph:
    """All of the batch, all but ``less`` of the rows, ``last`` of the columns."""
    draft = ShapeDraft()
    x = draft.input("x", (None, None, 4))
    rows = draft.whole("Sub", draft.size(x, 1), draft.ints(less, scalar=True))
    sizes = draft.pack(draft.size(x, 0), rows, draft.ints(last, scalar=True))
    return draft.graph(draft.typed("Slice", "y", x, draft.ints(*begin), sizes, Index=INT))


def strided(*, extra: int = 0, step: int = 1, **masks: Any) -> Graph:
    """From the first row on, to the end or ``extra`` beyond it."""
    draft = ShapeDraft()
    x = draft.input("x", (None, None, 4))
    end = draft.whole("AddV2", draft.size(x, 1), draft.ints(extra, scalar=True)) if extra else draft.size(x, 1)
    ends = draft.pack(draft.size(x, 0), end, draft.ints(3, scalar=True))
    attrs = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    inputs = (x, draft.ints(0, 1, 1), ends, draft.ints(1, step, 1))
    return draft.graph(draft.typed("StridedSlice", "y", *inputs, Index=INT, **{**attrs, **masks}))


EXAMPLES = {
    "a slice to the end": sliced(),
    "a strided slice to the end": strided(),
    "beyond the end": strided(extra=2),
    "every other row": strided(step=2),
}


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_no_size_is_read(before: Graph) -> None:
    result = after(before)
    assert "Shape" not in show(result)
    assert_same_numbers(before, result, x=X)


def test_a_slice_takes_all_that_is_left() -> None:
    assert [-1, -1, 2] in values(after(sliced())).values()


def test_the_end_mask_says_so() -> None:
    result = after(strided())
    assert result["y"].attrs["end_mask"] == 3
    assert [0, 0, 3] in values(result).values()


class TestLeavesAlone:
    def test_a_slice_that_ends_before_the_end(self) -> None:
        assert "only a run tells where -2 + x[1] of x[1] end" in refused(sliced(less=2))

    def test_an_end_that_is_nearer(self) -> None:
        assert "only a run tells where -1 + x[1] of x[1] ends" in refused(strided(extra=-1))

    def test_steps_backwards(self) -> None:
        assert "only a run tells" in refused(strided(step=-1))

    def test_what_is_constant(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", (None, 4))
        graph = draft.graph(draft.typed("Slice", "y", x, draft.ints(0, 0), draft.ints(-1, 2), Index=INT))
        assert refused(graph) == "it is a constant already"
