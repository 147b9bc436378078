"""A list that may not be written to its end is filled up when it is stacked; one that is written whole isn't."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_draft import Draft
from loop_draft import below, counter, loop, scalars

from tfjsci.graph.graph import DType, Graph, TensorType
from tfjsci.rewrite.control.stacks import with_whole_stacks

INT, FLOAT, LIST = "int32", "float32", "variant"


def filled(
    *,
    begin: int = 0,
    step: int = 1,
    limit: str | int = "n",
    early: bool = False,
    always_at: int | None = None,
    length: int | None = None,
) -> Graph:
    """A list of ``n`` elements (or ``length``), of which each turn of a loop writes one."""
    draft = Draft()
    n = draft.op("Placeholder", "n", dtype=DType(INT)) if length is None else draft.const("n", length, sources=())
    other = draft.op("Placeholder", "m", dtype=DType(INT))
    x = draft.input("x", ())
    made = draft.op("TensorListReserve", "list", draft.const("any", -1, sources=()), n, element_dtype=DType(FLOAT))

    def cond(d: Draft, i: str, array: str, end: str, y: str) -> str:
        asked = below(d, i, end if limit in ("n", "m") else limit)
        return d.op("LogicalAnd", "both", asked, d.typed("Less", "early", y, y)) if early else asked

    def body(d: Draft, i: str, array: str, end: str, y: str) -> list[str]:
        place = i if always_at is None else d.const("always", always_at, sources=())
        written = d.op("TensorListSetItem", "set", array, place, y, element_dtype=DType(FLOAT))
        return [counter(d, "next", i, step), written, end, d.typed("Neg", "minus", y)]

    functions = loop(
        draft,
        [draft.const("begin", begin, sources=()), made, other if limit == "m" else n, x],
        [("i", INT), ("array", LIST), ("end", INT), ("y", FLOAT)],
        cond=cond,
        body=body,
    )
    draft.op("TensorListStack", "stack", "loop:1", "any", element_dtype=DType(FLOAT), num_elements=-1)
    graph = scalars(draft.graph("stack", functions=functions))
    return replace(graph, types={**graph.types, "stack": TensorType(dtype=FLOAT, shape=(None, 3))})


@pytest.mark.parametrize("graph", [filled(), filled(always_at=0, length=1)], ids=["each", "the only one"])
def test_a_loop_that_writes_every_element_is_left_alone(graph: Graph) -> None:
    assert with_whole_stacks(graph) is graph


@pytest.mark.parametrize(
    "graph",
    [filled(begin=1), filled(step=2), filled(limit="m"), filled(limit=3), filled(early=True), filled(always_at=2)],
    ids=["begins later", "every other", "another end", "a constant end", "stops early", "always the same"],
)
def test_one_that_may_not_has_zeros_behind_it(graph: Graph) -> None:
    after = with_whole_stacks(graph)
    assert after["stack"].op == "ConcatV2"
    assert after["stack/written"].attrs["num_elements"] == -1, "its length would be taken for known"
    assert [after[name].op for name in after["stack"].inputs] == ["TensorListStack", "Fill", "Const"]
    (short,) = (node for node in after.nodes if node.op == "Sub")
    assert short.inputs[0] == "n"
    assert [node.inputs[0] for node in after.nodes if node.op == "Maximum"] == [short.name]


def unrolled(count: int) -> Graph:
    draft = Draft()
    x = draft.input("x", ())
    size = draft.const("size", 3, sources=())
    tensor = draft.op("TensorListReserve", "list", draft.const("any", -1, sources=()), size, element_dtype=DType(FLOAT))
    for i in range(count):
        place = draft.const(f"place_{i}", i, sources=())
        tensor = draft.op("TensorListSetItem", f"set_{i}", tensor, place, x, element_dtype=DType(FLOAT))
    draft.op("TensorListStack", "stack", tensor, "any", element_dtype=DType(FLOAT), num_elements=-1)
    graph = scalars(draft.graph("stack"))
    return replace(graph, types={**graph.types, "stack": TensorType(dtype=FLOAT, shape=(3,))})


def test_what_was_written_one_by_one_is_counted() -> None:
    whole, part = unrolled(3), unrolled(2)
    assert with_whole_stacks(whole) is whole
    assert with_whole_stacks(part)["stack"].op == "ConcatV2"


@pytest.mark.parametrize("grows", [True, False])
def test_a_lists_length_is_that_which_it_was_made_with(grows: bool) -> None:
    draft = Draft()
    n, x = draft.op("Placeholder", "n", dtype=DType(INT)), draft.input("x", ())
    made = draft.op("TensorListReserve", "list", draft.const("any", -1, sources=()), n, element_dtype=DType(FLOAT))
    first = draft.const("first", 0, sources=())
    written = draft.op("TensorListSetItem", "set", made, first, x, resize_if_index_out_of_bounds=grows)
    draft.op("Neg", "after", draft.op("TensorListLength", "length", written), T=DType(INT))
    after = with_whole_stacks(scalars(draft.graph("after")))
    assert after["after"].inputs == (("length",) if grows else ("n",))
