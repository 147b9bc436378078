"""How often a loop turns, and which branch is taken, where that is known before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_draft import Draft
from loop_draft import Write, below, branch, counter, function, loop, scalars

from tfjsci.graph.graph import DType, FunctionName, Graph, ShapeAttr
from tfjsci.graph.show import show
from tfjsci.rewrite.control.branches import with_ifs, with_known_branches
from tfjsci.rewrite.control.turns import (
    UNROLLED_BY_ITSELF,
    UNROLLED_IN_ALL,
    turns_of,
    with_loops_unrolled,
    with_simple_conditions,
)

INT, FLOAT = "int32", "float32"


def counting(cond: Write, *, begin: int = 0, step: int = 1, outputs: tuple[str, ...] = ("loop:1",)) -> Graph:
    draft = Draft()
    x = draft.input("x", ())
    functions = loop(
        draft,
        [draft.const("begin", begin, sources=()), x],
        [("i", INT), ("y", FLOAT)],
        cond=cond,
        body=lambda d, i, y: [counter(d, "next", i, step), d.typed("Mul", "mul", y, d.const("w", 2.0))],
    )
    return scalars(draft.graph(*outputs, functions=functions))


def compared(op: str, limit: int) -> Write:
    return lambda d, i, y: d.op(op, "ask", i, d.const("limit", limit, sources=()), T=DType(INT))


@pytest.mark.parametrize(
    ("op", "begin", "step", "limit", "turns"),
    [
        ("Less", 0, 1, 5, 5),
        ("Less", 7, 1, 5, 0),
        ("Less", 0, 2, 5, 3),
        ("LessEqual", 0, 1, 5, 6),
        ("Greater", 5, -1, 0, 5),
        ("GreaterEqual", 5, -2, 0, 3),
        ("NotEqual", 0, 1, 4, 4),
        ("Less", 0, 1, 50, None),
        ("Less", 0, 0, 5, None),
    ],
)
def test_a_counter_against_a_constant(op: str, begin: int, step: int, limit: int, turns: int | None) -> None:
    graph = counting(compared(op, limit), begin=begin, step=step)
    assert turns_of(graph, graph["loop"], graph, 20) == turns


def test_both_conditions_must_hold() -> None:
    def cond(d: Draft, i: str, y: str) -> str:
        return d.op("LogicalAnd", "both", below(d, i, 9, "first"), below(d, i, 4, "second"))

    graph = counting(cond)
    assert turns_of(graph, graph["loop"], graph, 20) == 4


def test_one_that_depends_on_the_data_is_not_known() -> None:
    graph = counting(lambda d, i, y: d.typed("Less", "ask", y, d.const("limit", 5.0)))
    assert turns_of(graph, graph["loop"], graph, 20) is None


def test_the_same_question_is_asked_once() -> None:
    def cond(d: Draft, i: str, y: str) -> str:
        d.const("limit", 9, sources=())
        asked = [d.op("Less", name, i, "limit", T=DType(INT)) for name in ("first", "second")]
        return d.op("LogicalAnd", "both", *asked)

    after = with_simple_conditions(counting(cond))
    assert show(after.functions["cond"].graph).endswith("first = Less(i, limit)\n-> first")


@pytest.mark.parametrize(("first", "second", "kept"), [(9, 9, "first"), (9, 4, "second"), (3, 9, "first")])
def test_of_two_known_limits_the_nearer_counts(first: int, second: int, kept: str) -> None:
    def cond(d: Draft, i: str, y: str) -> str:
        return d.op("LogicalAnd", "both", below(d, i, first, "first"), below(d, i, second, "second"))

    after = with_simple_conditions(counting(cond)).functions["cond"].graph
    assert show(after).endswith(f"{kept} = Less(i, {kept}/limit)\n-> {kept}")


def test_of_two_other_limits_the_least_is_taken_on_the_cpu() -> None:
    draft = Draft()
    numbers = [draft.op("Placeholder", name, dtype=DType(INT)) for name in ("n", "m")]
    functions = loop(
        draft,
        [draft.const("zero", 0, sources=()), *numbers],
        [("i", INT), ("n", INT), ("m", INT)],
        cond=lambda d, i, n, m: d.op("LogicalAnd", "both", below(d, i, n, "first"), below(d, i, m, "second")),
        body=lambda d, i, n, m: [counter(d, "next", i), n, m],
    )
    after = with_simple_conditions(scalars(draft.graph("loop", functions=functions))).functions["cond"].graph
    assert show(after).endswith("both/limit = Minimum(n, m)\nboth = Less(i, both/limit)\n-> both")


def test_a_loop_that_turns_never_gives_what_came_in() -> None:
    after = with_loops_unrolled(counting(compared("Less", 0)))
    assert show(after) == "x = Placeholder()\nx/output = Identity(x)\n-> x/output"
    assert not after.functions


def test_a_loop_that_turns_thrice_is_unrolled_if_asked() -> None:
    graph = counting(compared("Less", 3))
    assert with_loops_unrolled(graph) is graph
    after = with_loops_unrolled(graph, limit=3)
    assert show(after) == (
        "x = Placeholder()\n"
        "loop/0/mul = Mul(x, w)\n"
        "loop/1/mul = Mul(loop/0/mul, w)\n"
        "loop/2/mul = Mul(loop/1/mul, w)\n"
        "-> loop/2/mul"
    )
    assert list(after.constants) == ["w"]


def test_the_names_of_turns_are_short() -> None:
    draft = Draft()
    x = draft.input("net/cell/x", ())
    functions = loop(
        draft,
        [draft.const("begin", 0, sources=()), x],
        [("i", INT), ("y", FLOAT)],
        cond=compared("Less", 2),
        body=lambda d, i, y: [counter(d, "next", i), d.typed("Mul", "cell/mul", y, d.const("w", 2.0))],
    )
    draft.nodes[-1] = replace(draft.nodes[-1], name="net/cell/while")
    after = with_loops_unrolled(scalars(draft.graph("net/cell/while:1", functions=functions)), limit=2)
    assert [node.name for node in after.nodes if node.op == "Mul"] == ["cell/while/0/mul", "cell/while/1/mul"]


@pytest.mark.parametrize(("turns", "unrolled"), [(2, True), (1000, True), (1001, False)])
def test_without_a_limit_what_makes_few_nodes_is_unrolled(turns: int, unrolled: bool) -> None:
    """Two nodes a turn, the counter's addition and the product: constants are there once."""
    assert UNROLLED_BY_ITSELF == 2 * 1000
    after = with_loops_unrolled(counting(compared("Less", turns)), limit=None)
    assert (not after.functions) == unrolled


def test_without_a_limit_one_whose_turns_are_not_known_stays() -> None:
    graph = counting(lambda d, i, y: d.typed("Less", "ask", y, d.const("limit", 5.0)))
    assert with_loops_unrolled(graph, limit=None) is graph


def test_outputs_stay_apart_when_a_loop_gives_one_tensor_twice() -> None:
    after = with_loops_unrolled(counting(compared("Less", 1), outputs=("loop:1", "loop")))
    assert after.outputs == ("loop/mul", "loop/next")
    twice = with_loops_unrolled(counting(compared("Less", 0), outputs=("loop:1", "x")))
    assert twice.outputs == ("x/output", "x")


def chosen(flag: bool | None) -> Graph:
    draft = Draft()
    asked = draft.op("Placeholder", "flag", dtype=DType("bool")) if flag is None else draft.const("flag", flag)
    functions = branch(
        draft,
        [asked, draft.input("x", ())],
        [("a", FLOAT)],
        [FLOAT],
        then_=lambda d, a: d.typed("Neg", "minus", a),
        else_=lambda d, a: a,
    )
    return scalars(draft.graph("if", functions=functions))


def test_a_known_branch_is_taken() -> None:
    assert show(with_known_branches(chosen(True))) == "x = Placeholder()\nif/minus = Neg(x)\n-> if/minus"
    assert show(with_known_branches(chosen(False))) == "x = Placeholder()\nx/output = Identity(x)\n-> x/output"
    graph = chosen(None)
    assert with_known_branches(graph) is graph


def case_of(count: int) -> Graph:
    draft = Draft()
    number = draft.op("Placeholder", "n", dtype=DType(INT), shape=ShapeAttr(()))
    names = [f"f{i}" for i in range(count)]
    functions = {
        name: function(name, [("a", FLOAT)], lambda d, a, i=i: d.typed("Mul", "mul", a, d.const("w", float(i))))
        for i, name in enumerate(names)
    }
    draft.op(
        "Case",
        "case",
        number,
        draft.input("x", ()),
        Tin=(DType(FLOAT),),
        Tout=(DType(FLOAT),),
        output_shapes=(ShapeAttr(()),),
        branches=tuple(map(FunctionName, names)),
    )
    return scalars(draft.graph("case", functions=functions))


def test_a_case_becomes_ifs() -> None:
    after = with_ifs(case_of(3))
    assert [node.op for node in after.nodes if node.op not in {"Const", "Placeholder"}] == ["Equal", "StatelessIf"]
    rest = after.functions["f0_else"]
    assert rest.inputs == ("argument_0", "index")
    ops = [node.op for node in rest.graph.nodes if node.op not in {"Const", "Placeholder"}]
    assert ops == ["Sub", "Equal", "StatelessIf"]
    assert set(after.functions) == {"f0", "f1", "f2", "f0_else"}


def test_a_case_of_one_is_none() -> None:
    after = with_ifs(case_of(1))
    assert [node.op for node in after.nodes if node.op not in {"Const", "Placeholder"}] == ["Mul"]
    assert not after.functions


def nested(outer_turns: int, inner_turns: int) -> Graph:
    """A loop in a loop, each of so many turns, with a product in the inner one."""
    draft = Draft()
    x = draft.input("x", ())
    holder = Draft()
    holder.op("Placeholder", "y", dtype=DType(FLOAT), shape=ShapeAttr(()))
    inner = loop(
        holder,
        [holder.const("from", 0, sources=()), "y"],
        [("j", INT), ("z", FLOAT)],
        cond=lambda d, j, z: below(d, j, inner_turns),
        body=lambda d, j, z: [counter(d, "more", j), d.typed("Mul", "times", z, d.const("w", 2.0))],
    )
    names = {"cond": "inner_cond", "body": "inner_body"}
    inner = {names[name]: replace(body, name=names[name]) for name, body in inner.items()}

    def body(d: Draft, i: str, y: str) -> list[str]:
        begin = d.const("from", 0, sources=())
        attrs = {"T": (DType(INT), DType(FLOAT)), "output_shapes": (ShapeAttr(()), ShapeAttr(()))}
        d.op("While", "inner", begin, y, cond=FunctionName("inner_cond"), body=FunctionName("inner_body"), **attrs)
        return [counter(d, "next", i), "inner:1"]

    given = [draft.const("begin", 0, sources=()), x]
    functions = loop(draft, given, [("i", INT), ("y", FLOAT)], cond=lambda d, i, y: below(d, i, outer_turns), body=body)
    return scalars(draft.graph("loop:1", functions={**functions, **inner}))


@pytest.mark.parametrize(
    ("outer", "inner", "loops"),
    [(5, 6, 0), (100, 100, 1), (5, 1500, 5), (1000, 1500, 2)],
    ids=["both", "the inner one alone", "the outer one alone", "neither"],
)
def test_loops_in_loops_are_counted_with_what_is_in_them(outer: int, inner: int, loops: int) -> None:
    after = with_loops_unrolled(nested(outer, inner), limit=None)
    assert sum(node.op == "While" for _, part in after.walk() for node in part.nodes) == loops
    assert sum(len(part.nodes) for _, part in after.walk()) <= UNROLLED_IN_ALL


def test_each_turn_has_loops_of_its_own() -> None:
    """What is made of the inner loop in one turn, where the outer one's counter is a constant, isn't what the next one has."""
    draft = Draft()
    x = draft.input("x", ())
    inner = loop(
        Draft(),
        ["i", "y"],
        [("j", INT), ("z", FLOAT)],
        cond=lambda d, j, z: d.typed("Less", "ask", z, d.const("limit", 5.0)),
        body=lambda d, j, z: [counter(d, "more", j), d.typed("Mul", "twice", z, d.const("two", 2.0))],
    )
    names = {"cond": "inner_cond", "body": "inner_body"}
    inner = {names[name]: replace(body, name=names[name]) for name, body in inner.items()}

    def body(d: Draft, i: str, y: str) -> list[str]:
        attrs = {"T": (DType(INT), DType(FLOAT)), "output_shapes": (ShapeAttr(()), ShapeAttr(()))}
        d.op("While", "inner", i, y, cond=FunctionName("inner_cond"), body=FunctionName("inner_body"), **attrs)
        return [counter(d, "next", i), "inner:1"]

    given = [draft.const("begin", 0, sources=()), x]
    functions = loop(draft, given, [("i", INT), ("y", FLOAT)], cond=lambda d, i, y: below(d, i, 2), body=body)
    graph = scalars(draft.graph("loop:1", functions={**functions, **inner}))
    after = with_loops_unrolled(graph, limit=2)
    loops = [node for node in after.nodes if node.op == "While"]
    assert [str(node.attrs["body"]) for node in loops] == [
        "FunctionName(name='inner_body')",
        "FunctionName(name='inner_body_1')",
    ]
    assert sorted(after.functions) == ["inner_body", "inner_body_1", "inner_cond", "inner_cond_1"]
    assert all(body.name == name for name, body in after.functions.items())
