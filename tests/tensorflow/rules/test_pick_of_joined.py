from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import Constant, DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.pick_of_joined import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

X = np.random.default_rng(1).normal(size=(2, 4)).astype(np.float32)


def picked(
    begin: tuple[int, ...], end: tuple[int, ...], *, axis: int = 0, op: str = "Pack", also: bool = False, **masks: int
) -> Graph:
    """x, its Relu and what is negative of it, stacked; then a slice."""
    draft = Draft()
    x = draft.input("x", (None, 4))
    parts = [x, draft.typed("Relu", "relu", x), draft.typed("Neg", "minus", x)]
    attrs: dict[str, Any] = {"axis": axis, "N": 3}
    if op == "ConcatV2":
        parts, attrs = [*parts, draft.const("axis", np.int32(axis))], {"N": 3, "Tidx": DType("int32")}
    whole = draft.typed(op, "whole", *parts, **attrs)
    numbers = [
        draft.const(name, np.array(value, np.int32))
        for name, value in (("begin", begin), ("end", end), ("strides", (1,) * len(begin)))
    ]
    all_masks = dict.fromkeys((f"{n}_mask" for n in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")), 0)
    y = draft.typed("StridedSlice", "y", whole, *numbers, Index=DType("int32"), **{**all_masks, **masks})
    z = draft.typed("Exp", "z", y)
    return draft.graph(z, *([draft.typed("Sin", "also", whole)] if also else []))


EXAMPLES = {
    "the last": picked((-1,), (0,), shrink_axis_mask=1),
    "the second of another dimension": picked((0, 1), (0, 2), axis=1, begin_mask=1, end_mask=1, shrink_axis_mask=2),
}


@pytest.mark.parametrize(("begin", "found"), [(-1, "minus"), (0, "x"), (1, "relu"), (-2, "relu")])
def test_a_part_is_read_itself(begin: int, found: str) -> None:
    before = picked((begin,), (begin + 1,), shrink_axis_mask=1)
    result = after(before)
    assert result["y"].op == "Identity"
    assert result["y"].inputs == (found,)
    assert "whole" not in result
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("axis", [1, -2, -1])
def test_of_any_dimension(axis: int) -> None:
    place = axis % 3
    begin, end, mask = [0] * 3, [0] * 3, 7 & ~(1 << place)
    begin[place], end[place] = 2, 3
    before = picked(tuple(begin), tuple(end), axis=axis, begin_mask=mask, end_mask=mask, shrink_axis_mask=1 << place)
    result = after(before)
    assert result["y"].inputs == ("minus",)
    assert_same_numbers(before, result, x=X)


def test_the_stack_stays_for_its_other_readers() -> None:
    result = after(picked((0,), (1,), shrink_axis_mask=1, also=True))
    assert "Pack" in show(result)


class TestLeavesAlone:
    def test_a_part_that_keeps_its_dimension(self) -> None:
        assert "more than one part" in refused(picked((0,), (1,)))

    @pytest.mark.parametrize("begin", [3, -4])
    def test_a_part_that_there_is_not(self, begin: int) -> None:
        """TensorFlow refuses it when it is asked for shapes; a graph whose types are told by somebody else gets here."""
        graph = inferred(picked((0,), (1,), shrink_axis_mask=1))
        wrong = {"begin": begin, "end": begin + 1}
        values = {name: Constant(value=np.array([value], np.int32)) for name, value in wrong.items()}
        result = apply_rules(replace(graph, constants={**graph.constants, **values}), [RULE])
        assert result.applied == {}
        assert [each.reason for each in result.refusals] == ["there is no such part"]

    def test_two_parts(self) -> None:
        assert "more than one part" in refused(picked((0,), (2,)))

    def test_a_piece_of_a_part(self) -> None:
        assert "less than all" in refused(picked((0, 0), (1, 1), shrink_axis_mask=1))

    def test_one_of_the_parts_own_dimensions(self) -> None:
        assert "more than one part" in refused(picked((0, 0), (0, 1), begin_mask=1, end_mask=1, shrink_axis_mask=2))

    def test_a_part_with_a_dimension_more(self) -> None:
        assert "more than one part" in refused(picked((0, 0), (1, 0), shrink_axis_mask=1, new_axis_mask=2))

    def test_what_is_joined_along_a_dimension_that_is_there(self) -> None:
        assert "nothing of a Pack" in refused(picked((0,), (1,), op="ConcatV2", shrink_axis_mask=1))
