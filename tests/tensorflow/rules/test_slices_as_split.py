from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.rewrite.rules.slices_as_split import RULE
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

X = np.random.default_rng(1).normal(size=(2, 6)).astype(np.float32)


def sliced(
    *ranges: tuple[int, int], shape: Shape = (None, 6), step: int = 1, others: int = 1, shrink: int = 0
) -> Graph:
    """Each range of the last dimension, with all there is of those before; each is computed on."""
    draft = Draft()
    x = draft.input("x", shape)
    outputs = []
    last = len(shape or ()) - 1
    for i, (begin, end) in enumerate(ranges):
        numbers = [
            draft.const(
                f"{word}{i}", np.array([0] * last + [value], np.int32) if word != "step" else _steps(last, step)
            )
            for word, value in (("begin", begin), ("end", end), ("step", 0))
        ]
        masks = {"ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": shrink}
        whole = ((1 << last) - 1) * others
        part = draft.typed(
            "StridedSlice",
            f"part{i}",
            x,
            *numbers,
            Index=DType("int32"),
            begin_mask=whole | (begin == 0) << last,
            end_mask=whole | (end == 6) << last,
            **masks,
        )
        outputs.append(draft.typed("Exp", f"y{i}", part))
    return draft.graph(*outputs)


def _steps(last: int, step: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([1] * last + [step], np.int32)


GATES = ((0, 2), (2, 4), (4, 6))

EXAMPLES = {
    "three gates": sliced(*GATES),
    "halves of three dimensions": sliced((0, 3), (3, 6), shape=(2, 5, 6)),
}


def test_three_slices_are_one_split() -> None:
    before = sliced(*GATES)
    result = with_shared_nodes(with_shared_constants(after(before)))
    (split,) = (node for node in result.nodes if node.op == "Split")
    assert split.attrs["num_split"] == 3
    assert result.constants[split.inputs[0]].value.tolist() == 1
    assert not [node for node in result.nodes if node.op == "StridedSlice"]
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("ranges", [GATES[::-1], ((3, 6), (0, 3)), ((-2, 6), (0, 2), (2, -2))])
def test_in_any_order_and_counted_from_either_end(ranges: tuple[tuple[int, int], ...]) -> None:
    before = sliced(*ranges)
    assert_same_numbers(before, after(before), x=X)


def test_of_more_dimensions() -> None:
    before = sliced((0, 3), (3, 6), shape=(2, 5, 6))
    result = with_shared_nodes(with_shared_constants(after(before)))
    (split,) = (node for node in result.nodes if node.op == "Split")
    assert result.constants[split.inputs[0]].value.tolist() == 2
    assert_same_numbers(before, result, x=np.random.default_rng(1).normal(size=(2, 5, 6)).astype(np.float32))


class TestLeavesAlone:
    def test_one_that_is_alone(self) -> None:
        assert "other parts" in refused(sliced((0, 2)))

    def test_a_part_that_is_missing(self) -> None:
        assert "other parts" in refused(sliced((0, 2), (4, 6)))

    def test_parts_that_overlap(self) -> None:
        assert "other parts" in refused(sliced(*GATES, (1, 3)))

    def test_a_part_that_is_taken_twice(self) -> None:
        assert "twice" in refused(sliced(*GATES, (0, 2)))

    def test_parts_of_other_sizes(self) -> None:
        assert "equal parts" in refused(sliced((0, 4), (4, 6)))

    def test_every_other_number(self) -> None:
        assert "equal parts" in refused(sliced((0, 3), (3, 6), step=2))

    def test_less_than_all_of_the_other_dimensions(self) -> None:
        assert "equal parts" in refused(sliced((0, 3), (3, 6), shape=(4, 6), others=0))

    def test_columns(self) -> None:
        assert "equal parts" in refused(sliced((0, 1), (1, 2), shrink=2))

    def test_a_size_that_is_not_known(self) -> None:
        assert "equal parts" in refused(sliced(*GATES, shape=(2, None)))

    def test_all_of_it(self) -> None:
        assert "equal parts" in refused(sliced((0, 6)))
