from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.gated_sum import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

THREE: Shape = (2, 3, 4)


def gated(
    *, shape: Shape = THREE, y: Shape = THREE, gate: str = "Sigmoid", less: bool = False, split: bool = False
) -> Graph:
    """g · x + y, or g · (x − m) + y."""
    draft = Draft()
    x, added = draft.input("x", shape), draft.input("y", y)
    if split:
        whole = draft.typed(gate, "gates", draft.input("a", (*(shape or ())[:-1], 8)))
        axis = draft.const("axis", np.int32(len(shape or ()) - 1))
        g = f"{draft.typed('Split', 'parts', axis, whole, num_split=2)}:1"
    else:
        g = draft.typed(gate, "g", draft.input("a", shape))
    if less:
        x = draft.typed("Sub", "less", x, draft.input("m", shape))
    return draft.graph(draft.typed("AddV2", "z", added, draft.typed("Mul", "product", g, x)))


def affine(*, c: float | list[float] = 0.5, k: float = 2.0, gate: str = "Sigmoid", less: str = "Sub") -> Graph:
    """g · ((x − c) · k), or with c added"""
    draft = Draft()
    g = draft.typed(gate, "g", draft.input("a", THREE))
    shifted = draft.typed(less, "less", draft.input("x", THREE), draft.const("c", np.float32(c)))
    return draft.graph(
        draft.typed("Mul", "z", g, draft.typed("Mul", "scaled", shifted, draft.const("k", np.float32(k))))
    )


def fed(graph: Graph) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"].shape for node in graph.nodes if node.op == "Placeholder"}  # type: ignore[union-attr]
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
EXAMPLES = {
    "a sum": gated(),
    "rows": gated(shape=(3, 5), y=(3, 5)),
    "an image": gated(shape=(2, 3, 3, 5), y=(2, 3, 3, 5)),
    "a part": gated(split=True),
    "a difference": gated(less=True),
    "a difference of rows": gated(shape=(3, 5), y=(3, 5), less=True),
    "an affine": affine(),
    "another": affine(c=-0.25, k=3.0),
    "a number that is added": affine(less="AddV2", k=0.5),
}


def test_one_kernel() -> None:
    result = after(gated(less=True))
    assert show(result).splitlines()[-2:] == ["z = FusedBatchNormV3(x, g, y, m, z/const)", "-> z"]
    assert result.constants["z/const"].value.tolist() == [[[1.0]]]


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_numbers(name: str) -> None:
    before = EXAMPLES[name]
    result = after(before)
    assert "Mul" not in [node.op for node in result.nodes]
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (gated(gate="Tanh"), "Sigmoid"),
        (gated(y=(1, 3, 4)), "one shape"),
        (gated(y=None), "one shape"),
        (gated(shape=(4,), y=(4,)), "one shape of two to four"),
        (affine(k=-2.0), "positive"),
        (affine(c=[1.0, 2.0, 3.0, 4.0]), "one number"),
        (affine(gate="Tanh"), "Sigmoid"),
    ],
)
def test_near_misses(graph: Graph, why: str) -> None:
    assert why in refused(graph)


def test_a_factor_and_addend_that_are_numbers() -> None:
    draft = Draft()
    g = draft.typed("Sigmoid", "g", draft.input("a", THREE))
    graph = draft.graph(
        draft.typed(
            "AddV2", "z", draft.typed("Mul", "product", g, draft.input("x", THREE)), draft.const("y", np.ones(THREE))
        )
    )
    assert "a constant" in refused(graph)
