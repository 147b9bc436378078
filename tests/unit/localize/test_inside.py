"""The first turn of a loop in which two sides come apart, and the first node in it that does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from graph_draft import Draft
from packed_models import looping_graph

from tfjsci.graph.graph import Array, TensorType
from tfjsci.localize.inside import first_turn, look_inside, loop_behind
from tfjsci.localize.localization import InsideLoop
from tfjsci.localize.sides import Alone, NotReplayable, Turn

GRAPH = looping_graph()


@pytest.mark.parametrize(("wrong_from", "turns"), [(1, 9), (2, 9), (5, 9), (6, 9), (9, 9), (7, 1000), (1, 1)])
def test_the_first_turn_is_found(wrong_from: int, turns: int) -> None:
    asked: list[int] = []

    def look(turn: int) -> tuple[int, bool]:
        asked.append(turn)
        number = min(turn, turns)
        return number, number >= wrong_from

    assert first_turn(look, lambda: False) == wrong_from
    assert len(asked) <= 8


def test_no_turn_comes_apart_and_time_runs_out() -> None:
    assert first_turn(lambda turn: (min(turn, 5), False), lambda: False) is None
    assert first_turn(lambda turn: (turn, False), lambda: False) is None  # a loop without end
    assert first_turn(lambda turn: (turn, turn > 4), lambda: True) is None
    late = iter([False, False, False, True])
    assert first_turn(lambda turn: (turn, turn > 5), lambda: next(late, True)) == 8  # the first that was seen


@dataclass
class Side:
    """Three turns of a loop; ``wrong`` says of a turn and a tensor what is added to it."""

    wrong: Callable[[int, str], float] = lambda _turn, _name: 0.0
    turns: int = 3
    names: list[str] = field(default_factory=list)
    name: str = "side"

    def tensors(self, names: Sequence[str]) -> Alone:
        raise AssertionError(names)

    def alone(self, node: str, inputs: object, outputs: object) -> Alone:
        raise AssertionError(node)

    def inside(self, loop: str, names: Sequence[str], turns: int) -> Turn:
        assert loop == "loop"
        self.names = list(names)
        number = min(turns, self.turns)
        made: dict[str, Array] = {
            name: np.full((2, 2), number + self.wrong(number, name), np.float32) for name in names
        }
        return Turn(number=number, tensors=made)


def look(candidate: Side, reference: Side | None = None) -> InsideLoop | str:
    return look_inside(
        GRAPH, GRAPH["loop"], reference=reference or Side(), candidate=candidate, limit_db=40.0, rows=2, seconds=60.0,
        clock=lambda: 0.0,
    )  # fmt: skip


def test_the_node_is_named_with_the_way_to_it() -> None:
    side = Side(lambda turn, name: 1.0 * (turn == 3 and name in ("branch", "next")))
    found = look(side)
    assert isinstance(found, InsideLoop)
    assert (found.turn, found.node, found.op, found.into.exact) == (3, "branch", "StatelessIf", True)
    assert [step.node for step in found.path] == ["early", "branch"]
    assert set(side.names) == {"i", "y", "early", "branch", "next", "i_next"}  # and no weight


def test_a_node_that_was_given_what_is_off_is_not_to_blame() -> None:
    found = look(Side(lambda turn, name: 1.0 * (name in ("y", "branch", "next"))))
    assert found == "all that could be asked for agrees in the turns that were looked at, up to turn 3"


def test_why_it_can_not_be_seen_is_told() -> None:
    class Deaf(Side):
        def inside(self, loop: str, names: Sequence[str], turns: int) -> Turn:
            raise NotReplayable("it has no such loop")

    assert look(Deaf()) == "it has no such loop"
    branch = replace(GRAPH["loop"], op="StatelessIf")
    for node, told in ((branch, "branch"), (replace(GRAPH["loop"], attrs={}), "functions")):
        found = look_inside(
            GRAPH, node, reference=Side(), candidate=Side(), limit_db=40.0, rows=2, seconds=60.0, clock=lambda: 0.0
        )
        assert isinstance(found, str)
        assert told in found


def test_loops_of_other_lengths_are_held_against_each_other_as_long_as_both_turn() -> None:
    wrong = Side(lambda turn, name: 1.0 * (turn == 2 and name == "next"), turns=2)
    found = look(wrong)
    assert isinstance(found, InsideLoop)
    assert (found.turn, found.node) == (2, "next")


def test_behind_a_list_is_the_loop_that_gave_it() -> None:
    """What the loop gives first is a number; only a handle leads back to it."""
    draft = Draft()
    x = draft.input("x", (None, 4))
    draft.op("StatelessWhile", "loop", x, x)
    draft.op("TensorListSetItem", "changed", "loop:1", x)
    draft.op("TensorListStack", "stack", "changed")
    draft.op("Relu", "plain", "loop")
    graph = draft.graph("stack", "plain").with_types(
        {name: TensorType(dtype="variant", shape=()) for name in ("loop:1", "changed")}
        | {name: TensorType(dtype="float32", shape=None) for name in ("x", "loop")}
    )
    assert loop_behind(graph, graph["stack"]) == (graph["loop"], ["changed", "loop:1"])
    assert loop_behind(graph, graph["plain"]) == (None, [])
