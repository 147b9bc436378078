from __future__ import annotations

from dataclasses import replace

from graph_draft import Draft
from numpy_evaluator import evaluate_in_numpy, infer_in_numpy

from tfjsci.catalog.catalog import load_catalog
from tfjsci.graph.graph import Graph, TensorType
from tfjsci.rewrite.parameters_apart import with_parameters_apart
from tfjsci.rewrite.pipeline import STAGES
from tfjsci.rewrite.stage import Means, RewrittenGraph


def axis_and_addend() -> Graph:
    """Sum(x + one, one)"""
    draft = Draft("int32")
    one = draft.const("one", 1)
    added = draft.typed("AddV2", "added", draft.input("x", (2, 3)), one)
    return draft.graph(draft.typed("Sum", "y", added, one))


def test_an_axis_that_is_added_to_something_too_becomes_two() -> None:
    result = with_parameters_apart(axis_and_addend())
    assert result["added"].inputs == ("x", "one")
    assert result["y"].inputs == ("added", "one/parameter")
    assert result.constants["one/parameter"] is result.constants["one"]


def test_what_is_a_parameter_is_told_by_the_release_of_the_run() -> None:
    (stage,) = [each for each in STAGES if each.name == "parameters"]
    shipped, graph = load_catalog(), axis_and_addend()
    other = replace(shipped, ops={**shipped.ops, "Sum": replace(shipped.ops["Sum"], inputs=())})
    for catalog, constants in ((None, 2), (shipped, 2), (other, 1)):
        means = Means(evaluate=evaluate_in_numpy, infer=infer_in_numpy, catalog=catalog)
        after = stage.run(RewrittenGraph(graph=graph, applied={}, refusals=()), means).graph
        assert len(after.constants) == constants


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
