"""A loop opened: a count that stops it, and variables that bring out what its body makes; nothing else is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from packed_models import looping_graph

from tfjsci.format.topology import topology
from tfjsci.graph.graph import Graph, node_of
from tfjsci.localize.opened import COUNTERS, Shown, counters, one_of_each_node, turn_of
from tfjsci.localize.opened_document import opened_document
from tfjsci.localize.opened_graph import opened_graph
from tfjsci.localize.sides import NotReplayable

GRAPH = looping_graph()
DOCUMENT: dict[str, Any] = {
    "modelTopology": topology(GRAPH),
    "signature": {"inputs": {"x": {"name": "x:0"}}, "outputs": {"y": {"name": "last:0"}}},
    "userDefinedMetadata": {"note": "the user's own"},
}
SHOWN = Shown(turn="loop:2", tensors={"branch": "loop:5", "next": "loop:6"})


def functions_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["signature"]["name"]: each for each in document["modelTopology"]["library"]["function"]}


def test_a_document_has_what_the_body_makes_among_the_loops_outputs() -> None:
    opened, shown = opened_document(DOCUMENT, "loop", ["branch", "gone", "next"])
    assert shown == SHOWN
    (loop,) = (each for each in opened["modelTopology"]["node"] if each["name"] == "loop")
    assert loop["input"] == ["start", "x", *COUNTERS, COUNTERS[0], COUNTERS[0]]
    assert list(opened["signature"]["inputs"]) == ["x", *COUNTERS]
    assert "userDefinedMetadata" not in opened
    cond, body = (functions_of(opened)[name] for name in ("cond", "body"))
    for function in (cond, body):
        names = [each["name"] for each in function["signature"]["inputArg"]]
        assert names == ["i", "y", *COUNTERS, "opened/input_0", "opened/input_1"]
    assert [body["ret"][each["name"]] for each in body["signature"]["outputArg"]] == [
        "i_next:0", "next:0", "opened/next:0", "opened/one:0", "opened/turns:0", "branch:0", "next:0",
    ]  # fmt: skip
    assert cond["ret"] == {"result_0": "opened/go_on:0"}
    assert cond["nodeDef"][-1] == {"name": "opened/go_on", "op": "LogicalAnd", "input": ["more:0", "opened/less"]}


def test_older_files_have_their_signature_in_the_metadata() -> None:
    metadata = {"signature": {"inputs": {"x": {"name": "x:0"}}}}
    opened, _ = opened_document({**DOCUMENT, "signature": {}, "userDefinedMetadata": metadata}, "loop", [])
    assert list(opened["signature"]["inputs"]) == ["x", *COUNTERS]
    with pytest.raises(NotReplayable, match="signature"):
        opened_document({**DOCUMENT, "signature": {}}, "loop", [])


def test_the_document_that_was_given_stays_as_it_was() -> None:
    before = repr(DOCUMENT)
    opened, _ = opened_document(DOCUMENT, "loop", ["branch"])
    assert repr(DOCUMENT) == before
    assert functions_of(opened)["then"] == functions_of(DOCUMENT)["then"]


def test_a_graph_is_opened_likewise() -> None:
    opened, shown = opened_graph(GRAPH, "loop", ["branch", "gone", "next"])
    assert shown == SHOWN
    assert opened.outputs == ("loop:2", "loop:5", "loop:6")
    assert opened["loop"].inputs == ("start", "x", *COUNTERS, "opened/float32", "opened/float32")
    body = opened.functions["body"]
    assert body.inputs == ("i", "y", *COUNTERS, "opened/input_0", "opened/input_1")
    assert body.graph.outputs == ("i_next", "next", "opened/next", "opened/one", "opened/turns", "branch", "next")
    assert opened.functions["cond"].graph.outputs == ("opened/go_on",)
    assert opened.functions["then"] is GRAPH.functions["then"]


@pytest.mark.parametrize("name", ["first", "gone"])
def test_what_is_no_loop_is_told(name: str) -> None:
    with pytest.raises(NotReplayable, match=name):
        opened_graph(GRAPH, name, [])
    with pytest.raises(NotReplayable, match=name):
        opened_document(DOCUMENT, name, [])


def test_names_that_are_taken_are_told() -> None:
    renamed = Graph(
        nodes=tuple(each for each in GRAPH.nodes if each.name in ("start", "x", "loop"))
        + tuple(each for each in looping_graph().nodes if each.name == "both"),
        outputs=("loop:1",),
        constants={name: GRAPH.constants[name] for name in ("start", "both")},
        functions={**GRAPH.functions},
    )
    opened, _ = opened_graph(renamed, "loop", ["next"])
    with pytest.raises(NotReplayable, match="opened/"):
        opened_graph(opened, "loop", ["next"])


def test_of_each_node_one_tensor_and_never_another_than_the_body_gives_back() -> None:
    """A function's result is a node with one output: asked for another, the loop itself would get that one."""
    body = GRAPH.functions["body"]
    assert one_of_each_node(body, ["branch", "branch:1", "next:1", "next", "early"]) == ["branch", "next", "early"]
    assert {node_of(each) for each in one_of_each_node(body, ["next:1"])} == set()


def test_the_turn_that_was_the_last_is_told_with_its_tensors() -> None:
    made = {"loop:2": np.array([3], np.int32), "loop:5": np.ones(2), "loop:6": np.zeros(2)}
    turn = turn_of(SHOWN, made)
    assert (turn.number, list(turn.tensors)) == (3, ["branch", "next"])
    assert turn_of(SHOWN, {**made, "loop:2": np.array(0, np.int32)}).tensors == {}
    assert {name: int(value) for name, value in counters(7).items()} == dict(zip(COUNTERS, (0, 1, 7), strict=True))
