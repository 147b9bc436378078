from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft
from keeps_numbers import PLAIN

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.root_as_division import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

WANTED: tuple[Backend, ...] = ("webgl", "cpu")


def rooted(lifting: str = "AddV2", lifted_by: object = 1e-3, *, swapped: bool = False, twice: bool = False) -> Graph:
    """x over the root of its row's largest square, and something more."""
    draft = Draft()
    x = draft.input("x", (5, 8))
    v = draft.typed("Square", "v", draft.input("w", (5, 1)))
    if lifting:
        v = draft.typed(lifting, "lifted", v, draft.const("e", np.array(lifted_by, np.float32)))
    root = draft.typed("Rsqrt", "root", v)
    y = draft.typed("Mul", "y", *((root, x) if swapped else (x, root)))
    return draft.graph(y, draft.typed("Neg", "z", root)) if twice else draft.graph(y)


EXAMPLES = {
    "a sum": rooted(),
    "the other way round": rooted(swapped=True),
    "the larger of two": rooted("Maximum", 0.5),
    "a bias": rooted("BiasAdd", [0.5]),
}


def test_it_is_divided_by_the_root() -> None:
    assert show(after(rooted())) == (
        "x = Placeholder()\nw = Placeholder()\nv = Square(w)\nlifted = AddV2(v, e)\nroot = Sqrt(lifted)\n"
        "y = RealDiv(x, root)\n-> y"
    )


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    draw = np.random.default_rng(0)
    x, w = draw.normal(size=(5, 8)).astype(np.float32), draw.normal(size=(5, 1)).astype(np.float32)
    w[0], x[1] = 0, 0
    assert_same_numbers(before, after(before), rtol=1e-6, x=x, w=w)


class TestLeavesAlone:
    def test_what_may_be_0(self) -> None:
        """0 / 0 is 1 on webgl, where 0 times infinity was NaN."""
        assert "may be 0" in refused(rooted(""))
        assert "may be 0" in refused(rooted("AddV2", 0.0))
        assert "may be 0" in refused(rooted("AddV2", -1e-3))
        assert "may be 0" in refused(rooted("Minimum", 1e-3))

    def test_a_root_that_others_read(self) -> None:
        assert refused(rooted(twice=True)) == ""


@pytest.mark.parametrize(
    ("backends", "applied"),
    [
        (("webgl",), 1),
        (("webgl", "cpu"), 1),
        (("webgl", "webgpu"), 0),
        (("cpu",), 0),
        (("webgl", "wasm"), 0),
        (None, 0),
    ],
)
def test_only_where_webgl_alone_is_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(rooted()), replace(PLAIN, backends=backends))
    assert done.applied.get("root_as_division", 0) == applied
