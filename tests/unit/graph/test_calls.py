"""What loops and branches say of themselves: their arguments, their functions, and arguments more."""

from __future__ import annotations

from dataclasses import replace

from packed_models import looping_graph

from tfjsci.graph.calls import CALLS, arguments, bodies, calls, dtypes, roles, shapes, with_arguments
from tfjsci.graph.graph import DType, FunctionName, Node, ShapeAttr, TensorType

MORE = TensorType(dtype="int32", shape=(2,))


def test_outer_calls_come_before_inner_ones_and_a_call_has_its_functions() -> None:
    graph = looping_graph()
    found = {node.name: (where, sorted(bodies(graph, node))) for where, node in calls(graph)}
    assert list(found.items()) == [
        ("loop", ("", ["body", "cond"])),
        ("branch", ("body", ["else_branch", "then_branch"])),
    ]


def test_a_call_whose_function_isnt_there_has_none() -> None:
    graph = looping_graph()
    without = replace(graph, functions={name: body for name, body in graph.functions.items() if name != "cond"})
    assert bodies(without, without["loop"]) == {}
    assert roles(without["loop"])["cond"] == "cond"


def test_a_branchs_condition_is_no_argument() -> None:
    loop = Node(name="loop", op="While", inputs=("a", "b"))
    branch = Node(name="case", op="Case", inputs=("a", "b"), attrs={"branches": (FunctionName("x"), FunctionName("y"))})
    assert (arguments(loop), arguments(branch)) == (("a", "b"), ("b",))
    assert roles(branch) == {"branches_0": "x", "branches_1": "y"}
    assert {loop.op, branch.op} < CALLS


def test_an_argument_more_of_a_loop_is_an_output_more() -> None:
    loop = looping_graph()["loop"]
    more = with_arguments(loop, ["w"], [MORE])
    assert more.inputs == (*loop.inputs, "w")
    assert dtypes(more, "T") == (*dtypes(loop, "T"), DType("int32"))
    assert shapes(more) == (*shapes(loop), ShapeAttr((2,)))


def test_an_argument_more_of_a_branch_is_no_output_more() -> None:
    branch = looping_graph().functions["body"].graph["branch"]
    more = with_arguments(branch, ["w"], [MORE])
    assert more.inputs == (*branch.inputs, "w")
    assert dtypes(more, "Tin") == (*dtypes(branch, "Tin"), DType("int32"))
    assert {key: value for key, value in more.attrs.items() if key != "Tin"} == {
        key: value for key, value in branch.attrs.items() if key != "Tin"
    }


def test_shapes_that_arent_told_stay_untold() -> None:
    loop = Node(name="loop", op="While", inputs=("a",), attrs={"T": (DType("float32"),)})
    assert shapes(with_arguments(loop, ["w"], [MORE])) == ()
