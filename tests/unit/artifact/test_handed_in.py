"""Weights of loops and branches as arguments: in each function on the way, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from packed_models import looping_graph

from tfjsci.artifact.handed_in import handed_in, why_not_handed_in
from tfjsci.artifact.initializer import Packing
from tfjsci.graph.graph import DType, FunctionBody, Graph, Node, ShapeAttr


def test_a_weight_of_a_branch_in_a_loop_is_an_argument_of_both() -> None:
    graph = looping_graph()
    done = handed_in(graph, ["inner", "both"])
    assert set(done.constants) - set(graph.constants) == {"inner"}
    assert done["loop"].inputs == (*graph["loop"].inputs, "inner", "both")
    assert done["loop"].attrs["T"] == (DType("int32"), DType("float32"), DType("float32"), DType("float32"))
    assert done["loop"].attrs["output_shapes"] == (
        ShapeAttr(()), ShapeAttr((None, 32)), ShapeAttr((32, 32)), ShapeAttr((32, 32)),
    )  # fmt: skip
    body, cond = done.functions["body"], done.functions["cond"]
    assert body.inputs == ("i", "y", "inner", "both")
    assert body.graph.outputs == (*graph.functions["body"].graph.outputs, "inner", "both")
    assert cond.inputs == ("i", "y", "inner", "both")
    assert cond.graph.outputs == graph.functions["cond"].graph.outputs
    assert body.graph["branch"].inputs == (*graph.functions["body"].graph["branch"].inputs, "inner")
    assert body.graph["branch"].attrs["Tin"] == (DType("float32"), DType("float32"))
    for name in ("then", "else"):
        assert done.functions[name].inputs == ("z", "inner")
        assert "inner" not in done.functions[name].graph.constants
    assert done.functions["then"].graph["product"].inputs == ("z", "inner")
    assert set(done.functions["else"].graph.constants) == {"kept"}


def test_what_isnt_named_stays_where_it_is() -> None:
    graph = looping_graph()
    assert handed_in(graph, ["outside"]) is graph
    assert set(handed_in(graph, ["both"]).functions["then"].graph.constants) == {"inner"}


def test_a_name_that_is_taken_outside_is_told() -> None:
    graph = looping_graph()
    assert [Packing(graph).why_not(name) for name in ("outside", "inner", "both", "kept")] == [None] * 4
    taken = replace(graph, nodes=(*graph.nodes, Node(name="inner", op="NoOp")))
    assert why_not_handed_in(taken, "inner") == "a loop or a branch reads it, and another node has its name"


def test_a_function_that_no_node_or_several_run_is_told() -> None:
    graph = looping_graph()
    lost = FunctionBody(
        name="lost",
        inputs=(),
        graph=Graph(
            nodes=(
                Node(name="w", op="Const", attrs={"dtype": DType("float32")}),
                Node(name="n", op="Neg", inputs=("w",)),
            ),
            outputs=("n",),
            constants={"w": graph.constants["outside"]},
        ),
    )
    beside = replace(graph, functions={**graph.functions, "lost": lost})
    assert why_not_handed_in(beside, "w") == "a function reads it that isn't run in one place"
    np.testing.assert_array_equal(beside.all_constants["w"].value, graph.constants["outside"].value)
