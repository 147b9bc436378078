"""What the runtime would free too early is given back by the function; what it would free wrongly is none of its tensors."""

from __future__ import annotations

from graph_draft import Draft
from loop_draft import below, branch, counter, loop, scalars

from tfjsci.graph.graph import DType, FunctionBody, Graph, TensorType
from tfjsci.rewrite.control.runtime import for_the_runtime

INT, FLOAT, LIST = "int32", "float32", "variant"


def written(d: Draft, name: str, array: str, i: str, item: str) -> str:
    return d.op("TensorListSetItem", name, array, i, item, element_dtype=DType(FLOAT))


def reserved(d: Draft, name: str = "list") -> str:
    shape, size = d.const(f"{name}/shape", -1, sources=()), d.const(f"{name}/size", 3, sources=())
    return d.op("TensorListReserve", name, shape, size, element_dtype=DType(FLOAT))


def mapping(*, gives_it_back: bool) -> Graph:
    """A loop that writes what it computes; with ``gives_it_back`` that is a variable, too."""
    draft = Draft()
    x = draft.input("x", ())

    def body(d: Draft, i: str, array: str, y: str) -> list[str]:
        item = d.typed("Neg", "item", y)
        return [counter(d, "next", i), written(d, "set", array, i, item), item if gives_it_back else y]

    functions = loop(
        draft,
        [draft.const("zero", 0, sources=()), reserved(draft), x],
        [("i", INT), ("array", LIST), ("y", FLOAT)],
        cond=lambda d, i, array, y: below(d, i, 3),
        body=body,
    )
    return scalars(draft.graph("loop:1", functions=functions))


def test_what_is_written_to_a_list_is_a_variable_more() -> None:
    after = for_the_runtime(mapping(gives_it_back=False))
    body, cond = after.functions["body"], after.functions["cond"]
    assert body.graph.outputs == ("next", "set", "y", "item")
    assert len(body.inputs) == len(cond.inputs) == len(after["loop"].inputs) == 4
    assert after["loop"].op == "StatelessWhile"
    assert after["loop"].attrs["T"] == (DType(INT), DType(LIST), DType(FLOAT), DType(FLOAT))
    assert after.constant(after["loop"].inputs[3]) is not None


def test_what_is_a_variable_already_is_enough() -> None:
    after = for_the_runtime(mapping(gives_it_back=True))
    assert after.functions["body"].graph.outputs == ("next", "set", "item")
    assert len(after["loop"].inputs) == 3


def test_each_reader_has_an_empty_list_of_its_own() -> None:
    draft = Draft()
    both = reserved(draft)
    zero, x = draft.const("zero", 0, sources=()), draft.input("x", ())
    draft.op("TensorListStack", "first", written(draft, "a", both, zero, x))
    draft.op("TensorListStack", "second", written(draft, "b", both, zero, x))
    functions: dict[str, FunctionBody] = branch(
        draft,
        [draft.op("Placeholder", "flag", dtype=DType("bool")), x],
        [("a", FLOAT)],
        [FLOAT],
        then_=lambda d, a: d.typed("Neg", "minus", a),
        else_=lambda d, a: d.typed("Abs", "plus", a),
    )
    after = for_the_runtime(scalars(draft.graph("first", "second", "if", functions=functions)))
    assert after["a"].inputs[0] != after["b"].inputs[0]
    assert {after[after[name].inputs[0]].op for name in "ab"} == {"TensorListReserve"}


def test_a_weight_that_a_branch_gives_back_is_a_copy() -> None:
    draft = Draft()
    functions = branch(
        draft,
        [draft.op("Placeholder", "flag", dtype=DType("bool")), draft.input("x", ())],
        [("a", FLOAT)],
        [FLOAT],
        then_=lambda d, a: d.const("w", 2.0),
        else_=lambda d, a: a,
    )
    after = for_the_runtime(scalars(draft.graph("if", functions=functions)))
    given = after.functions["then_"].graph
    assert given[given.outputs[0]].op == "Identity"
    assert given[given.outputs[0]].inputs == ("w",)
    assert after.functions["else_"].graph.outputs == ("a",)
    assert after["if"].op == "StatelessIf"


def test_two_outputs_of_one_node_come_through_nodes_of_their_own() -> None:
    draft = Draft()
    x = draft.input("x", ())

    def body(d: Draft, i: str, a: str, b: str) -> list[str]:
        parts = d.typed("Unpack", "parts", a, num=2, axis=0)
        return [counter(d, "next", i), parts, f"{parts}:1"]

    functions = loop(
        draft,
        [draft.const("zero", 0, sources=()), x, x],
        [("i", INT), ("a", FLOAT), ("b", FLOAT)],
        cond=lambda d, i, a, b: below(d, i, 3),
        body=body,
    )
    graph = functions["body"].graph
    typed = {**graph.types, "parts:1": TensorType(dtype=FLOAT, shape=())}
    functions["body"] = FunctionBody(
        name="body",
        inputs=functions["body"].inputs,
        graph=Graph(nodes=graph.nodes, outputs=graph.outputs, constants=graph.constants, types=typed),
    )
    after = for_the_runtime(scalars(draft.graph("loop:1", functions=functions))).functions["body"].graph
    assert [after[name].op for name in after.outputs] == ["AddV2", "Identity", "Identity"]
    assert [after[name].inputs for name in after.outputs[1:]] == [("parts",), ("parts:1",)]
