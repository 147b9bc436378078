from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.expand_squeezed import RULE

X = np.random.default_rng(1).normal(size=(2, 1, 5, 3)).astype(np.float32)

after, refused = partial(applied, RULE), partial(declined, RULE)


def pair(
    lost: tuple[int, ...], got: int, *, shape: tuple[int | None, ...] = (None, 1, 5, 3), more: tuple[str, ...] = ()
) -> Graph:
    draft = Draft()
    s = draft.typed("Squeeze", "s", draft.input("x", shape), squeeze_dims=lost)
    axis = draft.const("axis", np.array(got, np.int32))
    return inferred(draft.graph(draft.typed("ExpandDims", "y", s, axis, Tdim=DType("int32")), *more))


EXAMPLES = {"a size of 1 before the images": pair((1,), 1)}


@pytest.mark.parametrize(("lost", "got"), [(1, 1), (1, -3), (-3, 1)])
def test_what_is_lost_and_got_back_is_there(lost: int, got: int) -> None:
    before = pair((lost,), got)
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = Identity(x)\n-> y"
    assert_same_numbers(before, result, x=X)


def test_the_squeeze_stays_for_its_other_readers() -> None:
    before = pair((1,), 1, more=("s",))
    result = after(before)
    assert show(result) == "x = Placeholder()\ns = Squeeze(x)\ny = Identity(x)\n-> y, s"
    assert_same_numbers(before, result, x=X)


class TestLeavesAlone:
    def test_another_dimension(self) -> None:
        assert "another dimension" in refused(pair((1,), 2))

    def test_two_that_are_lost(self) -> None:
        assert "hasn't just lost one" in refused(pair((1, 2), 1, shape=(None, 1, 1, 3)))

    def test_dimensions_that_only_the_run_finds(self) -> None:
        assert "hasn't just lost one" in refused(pair((), 1))

    def test_an_op_between(self) -> None:
        draft = Draft()
        s = draft.typed("Squeeze", "s", draft.input("x", (None, 1, 5, 3)), squeeze_dims=(1,))
        axis = draft.const("axis", np.array(1, np.int32))
        y = draft.typed("ExpandDims", "y", draft.typed("Softmax", "m", s), axis, Tdim=DType("int32"))
        assert "hasn't just lost one" in refused(inferred(draft.graph(y)))
