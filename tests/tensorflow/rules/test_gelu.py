from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import outputs_of
from graph_draft import Draft

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.gelu import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

HALVES = ("half times x first", "half times the gate", "half last")
ROOT, SLOPE = math.sqrt(0.5), math.sqrt(2 / math.pi)


def _with_half(draft: Draft, x: str, gate: str, where: str, half: Any) -> Graph:
    h = draft.const("half", half)
    if where == HALVES[0]:
        return draft.graph(draft.typed("Mul", "y", draft.typed("Mul", "halved", h, x), gate))
    if where == HALVES[1]:
        return draft.graph(draft.typed("Mul", "y", x, draft.typed("Mul", "halved", h, gate)))
    return draft.graph(draft.typed("Mul", "y", draft.typed("Mul", "gated", x, gate), h))


def exact(
    where: str = HALVES[0], *, negative: bool = False, half: Any = 0.5, one: Any = 1.0, inner: Any = ROOT
) -> Graph:
    draft = Draft()
    x = draft.input("x", (4, 6))
    first = draft.typed("Neg", "negative", x) if negative else x
    erf = draft.typed("Erf", "erf", draft.typed("Mul", "inner_times", first, draft.const("inner", inner)))
    gate = draft.typed("Sub" if negative else "AddV2", "gate", draft.const("one", one), erf)
    return _with_half(draft, x, gate, where, half)


def approximate(
    where: str = HALVES[0],
    *,
    cube: str = "pow",
    half: Any = 0.5,
    one: Any = 1.0,
    power: Any = 3.0,
    unit: Any = 1.0,
    outer: Any = SLOPE,
) -> Graph:
    draft = Draft()
    x = draft.input("x", (4, 6))
    s, q = draft.const("outer", outer), draft.const("cubic", 0.044715)
    if cube in ("line", "line of x"):
        part = (
            draft.typed("Mul", "term", q, draft.typed("Square", "square", x))
            if cube == "line"
            else draft.typed("Mul", "term", draft.typed("Mul", "part", q, x), x)
        )
        total = draft.typed("AddV2", "sum", draft.const("unit", unit), part)
        z = draft.typed("Mul", "z", draft.typed("Mul", "line", x, s), total)
    else:
        third = (
            draft.typed("Pow", "cube", x, draft.const("three", power))
            if cube == "pow"
            else draft.typed("Mul", "cube", draft.typed("Square", "square", x), x)
        )
        z = draft.typed("Mul", "z", s, draft.typed("AddV2", "sum", x, draft.typed("Mul", "term", q, third)))
    gate = draft.typed("AddV2", "gate", draft.const("one", one), draft.typed("Tanh", "tanh", z))
    return _with_half(draft, x, gate, where, half)


CUBES = ("pow", "square", "line", "line of x")
EXAMPLES = {
    **{
        f"exact, {where}, {'1 − erf(−x)' if n else '1 + erf(x)'}": exact(where, negative=n)
        for where in HALVES
        for n in (0, 1)
    },
    **{f"tanh, {where}, {cube}": approximate(where, cube=cube) for where in HALVES for cube in CUBES},
}
X = np.array(
    [
        [-20, -6, -3, -1, -0.1, -1e-6],
        [0, 1e-6, 0.1, 0.5, 1, 2],
        [3, 4, 5, 6, 10, 1e10],
        [-1e10, 1e25, -1e25, 0.7, -0.7, -2],
    ],
    np.float32,
)


def test_the_exact_one() -> None:
    result = after(exact(negative=True))
    assert show(result) == "\n".join(
        [
            "x = Placeholder()",
            "y/scaled = Mul(x, y/inner)",
            "erf = Erf(y/scaled)",
            "y/add = AddV2(erf, y/one)",
            "y/mul = Mul(y/scaled, y/add)",
            "y = Mul(y/mul, y/half)",
            "-> y",
        ]
    )
    assert result.constants["y/half"].value == pytest.approx(ROOT)


def test_the_approximate_one() -> None:
    assert show(after(approximate())) == "\n".join(
        [
            "x = Placeholder()",
            "y/square = Square(x)",
            "y/cubic_1 = Mul(y/square, y/cubic)",
            "y/slope = AddV2(y/cubic_1, y/outer)",
            "y/inner = Mul(x, y/slope)",
            "y/gate = Sigmoid(y/inner)",
            "y = Mul(x, y/gate)",
            "-> y",
        ]
    )


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers_to_the_ends_of_the_range(before: Graph) -> None:
    (was,), (now,) = outputs_of(before, x=X), outputs_of(after(before), x=X)
    np.testing.assert_allclose(now, was, rtol=1e-6, atol=3e-7)


@pytest.mark.parametrize("before", [exact(half=0.3, inner=2.0), exact(HALVES[2], half=-1.5, inner=-0.25)])
def test_any_factors(before: Graph) -> None:
    (was,), (now,) = outputs_of(before, x=X), outputs_of(after(before), x=X)
    np.testing.assert_allclose(now, was, rtol=2e-6, atol=3e-7)


def test_where_tanh_cancels_it_is_more_exact() -> None:
    x = np.full((4, 6), -4.5, np.float32)
    wanted = -4.5 / (1 + math.exp(2 * SLOPE * (4.5 + 0.044715 * 4.5**3)))
    was, now = (outputs_of(graph, x=x)[0][0, 0] for graph in (approximate(), after(approximate())))
    assert abs(now - wanted) < abs(was - wanted) / 10


class TestLeavesAlone:
    @pytest.mark.parametrize("numbers", [{"one": 2.0}, {"inner": 0.0}, {"half": np.inf}])
    def test_other_constants_of_erf(self, numbers: dict[str, float]) -> None:
        assert "it isn't 1 that is added to erf" in refused(exact(**numbers))

    @pytest.mark.parametrize("numbers", [{"one": 2.0}, {"half": 1.0}])
    def test_other_constants_of_tanh(self, numbers: dict[str, float]) -> None:
        assert refused(approximate(**numbers)) == "it isn't half of 1 + tanh"

    def test_another_power(self) -> None:
        assert refused(approximate(power=2.0)) == "it isn't the third power"

    def test_another_unit(self) -> None:
        assert "it isn't 1 that the square" in refused(approximate(cube="line", unit=2.0))

    @pytest.mark.parametrize("graph", [exact(half=np.full(6, 0.5)), approximate(outer=np.full(6, 0.5))])
    def test_constants_that_are_no_single_numbers(self, graph: Graph) -> None:
        assert refused(graph) == "its constants aren't single floats"

    def test_the_erf_of_something_else(self) -> None:
        draft = Draft()
        x, other = draft.input("x", (4, 6)), draft.input("other", (4, 6))
        erf = draft.typed("Erf", "erf", draft.typed("Mul", "scaled", other, draft.const("inner", ROOT)))
        gate = draft.typed("AddV2", "gate", draft.const("one", 1.0), erf)
        assert refused(_with_half(draft, x, gate, HALVES[0], 0.5)) == ""

    @pytest.mark.parametrize("more", ["erf", "gate", "inner_times"])
    def test_a_part_that_somebody_else_reads(self, more: str) -> None:
        graph = exact()
        assert refused(Graph(nodes=graph.nodes, outputs=(*graph.outputs, more), constants=graph.constants)) == ""


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_what_comes_of_it_is_left_alone(before: Graph) -> None:
    assert not apply_rules(after(before), RULES).applied
