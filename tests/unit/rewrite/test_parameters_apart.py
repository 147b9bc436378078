from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import TensorType
from tfjsci.rewrite.parameters_apart import with_parameters_apart


def test_an_axis_that_is_added_to_something_too_becomes_two() -> None:
    draft = Draft("int32")
    one = draft.const("one", 1)
    added = draft.typed("AddV2", "added", draft.input("x", (2, 3)), one)
    graph = draft.graph(draft.typed("Sum", "y", added, one))
    result = with_parameters_apart(graph)
    assert result["added"].inputs == ("x", "one")
    assert result["y"].inputs == ("added", "one/parameter")
    assert result.constants["one/parameter"] is result.constants["one"]


def test_an_axis_of_two_ops_stays_one() -> None:
    draft = Draft()
    one = draft.const("one", 1)
    graph = draft.graph(draft.typed("Sum", "y", draft.typed("Max", "m", draft.input("x", (2, 3, 4)), one), one))
    assert with_parameters_apart(graph) is graph


def test_a_size_is_computed_with_a_constant_of_its_own() -> None:
    draft = Draft("int32")
    one = draft.const("one", 1)
    x = draft.input("x", (2000,))
    more = draft.typed("AddV2", "more", draft.op("Size", "size", x), one)
    types = {"more": TensorType(dtype="int32", shape=()), "added": TensorType(dtype="int32", shape=(2000,))}
    result = with_parameters_apart(draft.graph(more, draft.typed("AddV2", "added", x, one), types=types))
    assert result["added"].inputs == ("x", "one")
    assert result["more"].inputs == ("size", "one/size")


def test_a_long_constant_stays_one() -> None:
    draft = Draft("int32")
    long = draft.const("long", [1] * 100)
    added = draft.typed("AddV2", "added", draft.input("x", (100,)), long)
    graph = draft.graph(draft.op("Reshape", "y", added, long))
    assert with_parameters_apart(graph) is graph
