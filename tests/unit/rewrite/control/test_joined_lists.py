"""A list of elements of one shape is joined and cut by a Reshape; any other is left to the check, which names the op."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_draft import Draft
from loop_draft import below, counter, loop, scalars

from tfjsci.graph.graph import DType, Graph, Shape, TensorType
from tfjsci.rewrite.control.joined_lists import with_plain_lists

INT, FLOAT = "int32", "float32"
ELEMENT = DType(FLOAT)


def typed(graph: Graph, **shapes: Shape) -> Graph:
    return replace(graph, types={**graph.types, **{n: TensorType(dtype=FLOAT, shape=s) for n, s in shapes.items()}})


def joined(first: Shape, second: Shape, *outputs: str) -> Graph:
    """Two elements, written one after the other."""
    draft = Draft()
    made = draft.op("TensorListReserve", "list", draft.const("any", -1), draft.const("two", 2), element_dtype=ELEMENT)
    for i, word in enumerate(("first", "second")):
        place, value = draft.const(f"at_{word}", i), draft.input(word)
        made = draft.op("TensorListSetItem", f"set_{word}", made, place, value, element_dtype=ELEMENT)
    draft.op("TensorListConcatV2", "joined", made, "any", draft.const("leading", []), element_dtype=ELEMENT)
    return typed(draft.graph(*outputs or ("joined",)), first=first, second=second)


def test_elements_of_one_shape_are_stacked_and_reshaped() -> None:
    after = with_plain_lists(joined((2, 3), (2, 3)))
    stack, shape = after["joined"].inputs
    assert (after["joined"].op, after[stack].op, after[stack].inputs[0]) == ("Reshape", "TensorListStack", "set_second")
    assert after.constants[shape].value.tolist() == [-1, 3]
    assert after.constants[after[stack].inputs[1]].value.tolist() == [2, 3]
    assert after.type_of(stack) == TensorType(dtype=FLOAT, shape=(None, 2, 3))


@pytest.mark.parametrize(
    "graph",
    [
        joined((2, 3), (4, 3)),
        joined((2, 3), None),
        joined((None, 3), (None, 3)),
        joined((0, 3), (0, 3)),
        joined((), ()),
        joined((2, 3), (2, 3), "joined", "joined:1"),
    ],
    ids=["other length", "unknown", "open", "nothing", "numbers", "lengths are read"],
)
def test_others_are_left_alone(graph: Graph) -> None:
    assert with_plain_lists(graph) is graph


@pytest.mark.parametrize(("inside", "op"), [((2, 3), "Reshape"), ((3, 3), "TensorListConcatV2")])
def test_what_a_loop_writes_counts_as_well(inside: Shape, op: str) -> None:
    draft = Draft()
    x = draft.input("x")
    made = draft.op("TensorListReserve", "list", draft.const("any", -1), draft.const("two", 2), element_dtype=ELEMENT)
    before = draft.op("TensorListSetItem", "set", made, draft.const("zero", 0), x, element_dtype=ELEMENT)

    def body(d: Draft, i: str, array: str, y: str) -> list[str]:
        return [counter(d, "next", i, 1), d.op("TensorListSetItem", "put", array, i, y, element_dtype=ELEMENT), y]

    arguments = [("i", INT), ("array", "variant"), ("y", FLOAT)]
    functions = loop(
        draft, ["zero", before, x], arguments, cond=lambda d, i, array, y: below(d, i, 2), body=body
    )  # fmt: skip
    draft.op("TensorListConcatV2", "joined", "loop:1", "any", draft.const("leading", []), element_dtype=ELEMENT)
    body_of = functions["body"]
    functions["body"] = replace(body_of, graph=typed(body_of.graph, y=inside))
    graph = typed(scalars(draft.graph("joined", functions=functions)), x=(2, 3))
    assert with_plain_lists(graph)["joined"].op == op


def cut(lengths: list[int], shape: Shape) -> Graph:
    draft = Draft()
    x, told = draft.input("x"), draft.const("lengths", lengths)
    draft.op("TensorListSplit", "cut", x, draft.const("any", -1), told, element_dtype=ELEMENT, shape_type=DType(INT))
    draft.op("TensorListGetItem", "y", "cut", draft.const("at", 1), "any", element_dtype=ELEMENT)
    return typed(draft.graph("y"), x=shape)


def test_a_tensor_is_cut_into_pieces_of_one_length() -> None:
    after = with_plain_lists(cut([2, 2, 2], (None, 4)))
    rows, element = after["cut"].inputs
    assert (after["cut"].op, after[rows].op) == ("TensorListFromTensor", "Reshape")
    assert after.constants[after[rows].inputs[1]].value.tolist() == [3, 2, 4]
    assert after.constants[element].value.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("lengths", "shape"), [([2, 4], (6, 4)), ([2, 2], (4, None)), ([2, 2], None), ([], (0, 4))]
)  # fmt: skip
def test_and_into_others_it_isnt(lengths: list[int], shape: Shape) -> None:
    graph = cut(lengths, shape)
    assert with_plain_lists(graph) is graph
