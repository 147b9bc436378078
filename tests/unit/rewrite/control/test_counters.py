"""What a list is read at stays on the CPU: whoever computes with it, on the GPU, has a copy."""

from __future__ import annotations

from graph_draft import Draft
from loop_draft import below, counter, loop, scalars

from tfjsci.graph.graph import DType, Graph
from tfjsci.rewrite.control.counters import with_counters_apart

INT, FLOAT, LIST = "int32", "float32", "variant"


def reading(*, computes: bool, shares: bool = False) -> Graph:
    """A loop over a list; with ``computes`` its counter is a number of the sum, too."""
    draft = Draft()
    x = draft.input("x", ())
    zero, shape = draft.const("zero", 0, sources=()), draft.const("shape", [3], sources=())
    items = draft.op("TensorListFromTensor", "list", x, shape, element_dtype=DType(FLOAT))

    def body(d: Draft, i: str, items: str, y: str) -> list[str]:
        size = d.const("size", [3], sources=())
        item = d.op("TensorListGetItem", "item", items, i, size, element_dtype=DType(FLOAT), T=DType(FLOAT))
        number = d.op("Cast", "cast", i, SrcT=DType(INT), DstT=DType(FLOAT), T=DType(FLOAT)) if computes else y
        return [counter(d, "next", i), items, d.typed("Mul", "mul", item, number)]

    functions = loop(
        draft,
        [zero, items, x],
        [("i", INT), ("items", LIST), ("y", FLOAT)],
        cond=lambda d, i, items, y: below(d, i, 3),
        body=body,
    )
    if shares:
        draft.op("GatherV2", "row", x, zero, zero, T=DType(FLOAT))
    return scalars(draft.graph("loop:2", *(["row"] if shares else []), functions=functions))


def test_a_counter_that_is_computed_with_is_copied_for_it() -> None:
    body = with_counters_apart(reading(computes=True)).functions["body"].graph
    assert body["item"].inputs[1] == body["next"].inputs[0] == "i"
    assert body[body["cast"].inputs[0]].op == "AddV2"
    assert body[body["cast"].inputs[0]].inputs[0] == "i"


def test_a_counter_that_only_counts_is_left_alone() -> None:
    graph = reading(computes=False)
    assert len(with_counters_apart(graph).functions["body"].graph.nodes) == len(graph.functions["body"].graph.nodes)


def test_a_loop_has_constants_of_its_own_to_begin_with() -> None:
    shared = with_counters_apart(reading(computes=True, shares=True))
    assert shared["loop"].inputs[0] != "zero"
    assert shared.constants[shared["loop"].inputs[0]] is shared.constants["zero"]
    assert with_counters_apart(reading(computes=True))["loop"].inputs[0] == "zero"
