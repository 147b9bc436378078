"""A loop keeps the variables that it needs, and no others."""

from __future__ import annotations

from graph_draft import Draft
from loop_draft import below, branch, counter, loop, scalars

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.control.variables import with_fewer_variables

INT, FLOAT = "int32", "float32"


def with_weight() -> Graph:
    draft = Draft()
    x, n = draft.input("x", ()), draft.op("Placeholder", "n", dtype=DType(INT))
    weight, zero = draft.const("w", 2.0, sources=("dense/kernel",)), draft.const("zero", 0, sources=())
    functions = loop(
        draft,
        [zero, n, x, weight],
        [("i", INT), ("limit", INT), ("y", FLOAT), ("weight", FLOAT)],
        cond=lambda d, i, limit, y, weight: below(d, i, limit),
        body=lambda d, i, limit, y, weight: [counter(d, "next", i), limit, d.typed("Mul", "mul", y, weight), weight],
    )
    return scalars(draft.graph("loop:2", functions=functions))


def test_a_weight_that_is_handed_round_is_a_constant_of_the_body() -> None:
    after = with_fewer_variables(with_weight())
    assert show(after) == (
        "x = Placeholder()\n"
        "n = Placeholder()\n"
        "loop = While(zero, n, x)\n"
        "-> loop:2\n"
        "\n"
        "cond(i, limit, y):\n"
        "  i = Placeholder()\n"
        "  limit = Placeholder()\n"
        "  y = Placeholder()\n"
        "  less = Less(i, limit)\n"
        "  -> less\n"
        "\n"
        "body(i, limit, y):\n"
        "  i = Placeholder()\n"
        "  limit = Placeholder()\n"
        "  y = Placeholder()\n"
        "  next = AddV2(i, next/step)\n"
        "  mul = Mul(y, w)\n"
        "  -> next, limit, mul"
    )
    assert after.functions["body"].graph.constants["w"].sources == ("dense/kernel",)
    assert after["loop"].attrs["T"] == (DType(INT), DType(INT), DType(FLOAT))


def counted_twice(second_begins: int, second_step: int, *, read_after: bool = False) -> Graph:
    draft = Draft()
    x = draft.input("x", ())
    begins = [draft.const("zero", 0, sources=()), draft.const("other", second_begins, sources=())]
    functions = loop(
        draft,
        [*begins, x],
        [("i", INT), ("j", INT), ("y", FLOAT)],
        cond=lambda d, i, j, y: d.op("LogicalAnd", "both", below(d, i, 9, "first"), below(d, j, 7, "second")),
        body=lambda d, i, j, y: [
            counter(d, "more", i),
            counter(d, "too", j, second_step),
            d.typed("Mul", "mul", y, d.op("Cast", "cast", j, SrcT=DType(INT), DstT=DType(FLOAT), T=DType(FLOAT))),
        ],
    )
    return scalars(draft.graph("loop:2", *(["loop:1"] if read_after else []), functions=functions))


def test_two_that_count_alike_are_one() -> None:
    after = with_fewer_variables(counted_twice(0, 1))
    assert after["loop"].inputs == ("zero", "x")
    assert after.outputs == ("loop:1",)
    assert after.functions["cond"].graph["second"].inputs[0] == "i"
    assert after.functions["body"].graph["cast"].inputs == ("i",)


def test_two_that_begin_or_go_on_differently_stay_two() -> None:
    for graph in (counted_twice(1, 1), counted_twice(0, 2), counted_twice(0, 1, read_after=True)):
        assert len(with_fewer_variables(graph)["loop"].inputs) == 3


def test_what_nobody_reads_goes_and_what_passes_through_is_read_past_the_loop() -> None:
    draft = Draft()
    x, z = draft.input("x", ()), draft.input("z", ())
    functions = loop(
        draft,
        [draft.const("zero", 0, sources=()), x, z],
        [("i", INT), ("unread", FLOAT), ("same", FLOAT)],
        cond=lambda d, i, unread, same: below(d, i, 3),
        body=lambda d, i, unread, same: [counter(d, "next", i), d.typed("Mul", "mul", unread, same), same],
    )
    draft.typed("Neg", "after", "loop:2")
    after = with_fewer_variables(scalars(draft.graph("after", functions=functions)))
    assert "loop" not in after
    assert after["after"].inputs == ("z",)


def test_a_branch_has_the_arguments_that_one_of_its_sides_reads() -> None:
    draft = Draft()
    flag, x, y = draft.op("Placeholder", "flag", dtype=DType("bool")), draft.input("x", ()), draft.input("y", ())
    weight = draft.const("w", 2.0)
    functions = branch(
        draft,
        [flag, x, y, weight],
        [("a", FLOAT), ("b", FLOAT), ("c", FLOAT)],
        [FLOAT],
        then_=lambda d, a, b, c: d.typed("Mul", "mul", b, c),
        else_=lambda d, a, b, c: c,
    )
    after = with_fewer_variables(scalars(draft.graph("if", functions=functions)))
    assert after["if"].inputs == ("flag", "y")
    assert after["if"].attrs["Tin"] == (DType(FLOAT),)
    assert after.functions["then_"].graph["mul"].inputs == ("b", "w")
    assert after.functions["else_"].graph.outputs == ("w",)
