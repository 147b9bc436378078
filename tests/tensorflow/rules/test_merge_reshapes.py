from __future__ import annotations

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.merge_reshapes import IDLE, PAST, RULE

INT = DType("int32")


def reshaped(*shapes: tuple[int, ...], given: Shape = (None, 3, 4)) -> Graph:
    draft = Draft()
    x = draft.input("x", given)
    for i, shape in enumerate(shapes):
        x = draft.typed("Reshape", f"r{i}", x, draft.const(f"s{i}", np.array(shape, np.int32)), Tshape=INT)
    return inferred(draft.graph(x))


def read_by_others(given: Shape = (None, 3, 4)) -> Graph:
    graph = reshaped((-1, 12), (-1, 2, 6), given=given)
    return inferred(Graph(nodes=graph.nodes, outputs=("r0", "r1"), constants=graph.constants))


EXAMPLES = {
    "two": reshaped((-1, 12), (-1, 2, 6)),
    "one to what is there": reshaped((-1, 3, 4)),
    "one that others read": read_by_others((2, 3, 4)),
}


def test_the_last_of_two_is_enough() -> None:
    before = reshaped((-1, 12), (-1, 2, 6))
    after = applied(RULE, before)
    assert show(after) == "x = Placeholder()\nr1 = Reshape(x, s1)\n-> r1"
    assert_same_numbers(before, after, x=np.arange(24, dtype=np.float32).reshape(2, 3, 4))


def test_leaves_alone_what_others_read() -> None:
    graph = reshaped((-1, 12), (-1, 2, 6))
    assert declined(RULE, Graph(nodes=graph.nodes, outputs=("r1", "r0"), constants=graph.constants)) == ""


def test_of_one_that_others_read_the_source_is_read() -> None:
    before = read_by_others()
    after = applied(PAST, before)
    assert show(after) == "x = Placeholder()\nr0 = Reshape(x, s0)\nr1 = Reshape(x, s1)\n-> r0, r1"
    assert_same_numbers(before, after, x=np.arange(24, dtype=np.float32).reshape(2, 3, 4))


def test_a_single_one_is_left_alone() -> None:
    assert declined(PAST, reshaped((-1, 12))) == "what it reshapes isn't reshaped"


def test_a_reshape_to_what_is_there_goes() -> None:
    assert applied(IDLE, reshaped((-1, 3, 4)))["r0"].op == "Identity"
    assert applied(IDLE, reshaped((2, 3, 4), given=(2, 3, 4)))["r0"].op == "Identity"
    assert applied(IDLE, reshaped((2, -1, 4), given=(2, 3, 4)))["r0"].op == "Identity"


@pytest.mark.parametrize(
    ("shape", "given"),
    [((-1, 4, 3), (None, 3, 4)), ((2, 3, 4), (None, 3, 4)), ((-1, 4), (None, None)), ((-1, 3, 4), None)],
)
def test_leaves_alone_what_changes_or_may_change(shape: tuple[int, ...], given: Shape) -> None:
    assert declined(IDLE, reshaped(shape, given=given)) != ""
