"""When a result is stored, and when it is computed at each inference: both sides of each limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import Array, Graph, TensorType
from tfjsci.rewrite.fold_constants import fold_constants
from tfjsci.rewrite.fold_cost import BYTES_FOR_A_NODE, stored_bytes, too_dear

FLOATS = BYTES_FOR_A_NODE // 4
"""As many as a node is worth."""

OPS: dict[str, Any] = {
    "AddV2": np.add,
    "Fill": lambda shape, value: np.full(shape, value),
    "Neg": np.negative,
    "Range": lambda limit: np.arange(limit, dtype=np.float32),
    "Sin": np.sin,
    "Split": lambda value: np.split(value, 4),
    "Tile": np.tile,
    "Transpose": lambda value: value.T.copy(),
}


def evaluate(graph: Graph, tensors: Sequence[str]) -> list[Array]:
    found: dict[str, Any] = {name: constant.value for name, constant in graph.constants.items()}
    for node in graph:
        if node.op != "Const":
            made = OPS[node.op](*(found[tensor] for tensor in node.inputs))
            parts = made if isinstance(made, list) else [made]
            found |= {f"{node.name}:{i}" if i else node.name: part for i, part in enumerate(parts)}
    return [np.asarray(found[tensor]) for tensor in tensors]


def folded(draft: Draft, *outputs: str) -> dict[str, int]:
    """The constants after folding, with the numbers that each has; shapes are given to nobody, so that all may be computed."""
    types = {
        f"{node.name}:{i}" if i else node.name: TensorType(dtype="float32", shape=None)
        for node in draft.nodes
        for i in range(4)
    }
    graph = fold_constants(draft.graph(*outputs, types=types), evaluate)
    return {name: constant.value.size for name, constant in graph.constants.items()}


def filled(size: int) -> Draft:
    draft = Draft()
    draft.op("Fill", "fill", draft.const("size", np.array([size], np.int32)), draft.const("one", 1.0))
    draft.op("Mul", "y", draft.input("x"), "fill")
    return draft


def test_a_fill_is_stored_where_it_has_no_more_than_a_node_is_worth() -> None:
    assert folded(filled(FLOATS + 2), "y") == {"fill": FLOATS + 2}  # its two constants go


def test_one_number_more_and_it_stays_a_fill() -> None:
    assert folded(filled(FLOATS + 3), "y") == {"size": 1, "one": 1}


def sines(size: int) -> Draft:
    draft = Draft()
    draft.op("Sin", "sin", draft.op("Range", "range", draft.const("limit", np.array(size, np.int32))))
    draft.op("Mul", "y", draft.input("x"), "sin")
    return draft


def test_each_node_that_goes_may_cost_as_much() -> None:
    assert folded(sines(2 * FLOATS + 1), "y") == {"sin": 2 * FLOATS + 1}
    assert folded(sines(2 * FLOATS + 2), "y") == {"limit": 1}


def test_what_a_large_result_is_made_of_is_stored_instead() -> None:
    draft = Draft()
    small = draft.op("Neg", "small", draft.const("c", np.ones(10)))
    draft.op("Tile", "large", small, draft.const("times", np.array([1000], np.int32)))
    draft.op("Mul", "y", draft.input("x"), "large")
    assert folded(draft, "y") == {"small": 10, "times": 1}


BIG = 100 * FLOATS


def test_a_kernel_that_is_moved_costs_what_it_was() -> None:
    draft = Draft()
    draft.op("Transpose", "t", draft.const("w", np.ones((100, FLOATS))))
    draft.op("Mul", "y", draft.input("x"), "t")
    assert folded(draft, "y") == {"t": BIG}


def test_an_embedding_that_is_read_too_is_not_stored_twice() -> None:
    draft = Draft()
    draft.op("Transpose", "t", draft.const("w", np.ones((100, FLOATS))))
    draft.op("Mul", "y", draft.input("x"), "t")
    draft.op("Mul", "z", "x", "w")
    assert folded(draft, "y", "z") == {"w": BIG}


def test_a_small_one_is() -> None:
    draft = Draft()
    draft.op("Transpose", "t", draft.const("w", np.ones((2, 8))))
    draft.op("Mul", "y", draft.input("x"), "t")
    draft.op("Mul", "z", "x", "w")
    assert folded(draft, "y", "z") == {"w": 16, "t": 16}


def split(parts: int) -> Draft:
    draft = Draft()
    draft.op("Split", "s", draft.const("w", np.arange(BIG, dtype=np.float32).reshape(100, FLOATS)))
    draft.input("x")
    for i in range(parts):
        draft.op("Mul", f"y{i}", "x", f"s:{i}" if i else "s")
    return draft


@pytest.mark.parametrize("parts", [1, 4])
def test_what_has_a_constant_in_common_is_weighed_together(parts: int) -> None:
    assert sum(folded(split(parts), *(f"y{i}" for i in range(parts))).values()) == parts * BIG // 4


def test_parts_of_what_stays_are_not_stored_beside_it() -> None:
    draft = split(4)
    draft.op("Mul", "z", "x", "w")
    assert folded(draft, "y0", "y1", "y2", "y3", "z") == {"w": BIG}


def test_what_is_equal_is_stored_once() -> None:
    draft = Draft()
    draft.const("w", np.ones(BIG))
    draft.input("x")
    for i in range(5):
        draft.op("Mul", f"y{i}", "x", draft.op("Neg", f"n{i}", "w"))
    assert len(folded(draft, *(f"y{i}" for i in range(5)))) == 5  # equal constants are made one afterwards


def test_what_differs_is_not() -> None:
    draft = Draft()
    draft.const("w", np.ones(BIG))
    draft.input("x")
    for i in range(5):
        draft.op("Mul", f"y{i}", "x", draft.op("AddV2", f"n{i}", "w", draft.const(f"c{i}", float(i))))
    assert sum(folded(draft, *(f"y{i}" for i in range(5))).values()) == BIG + 5


def test_bytes_are_those_of_the_artifact() -> None:
    """bfloat16 and int8 weights are floats and integers of 32 bits there."""
    assert stored_bytes(np.zeros(3, bool)) == 3
    assert [stored_bytes(np.zeros(3, kind)) for kind in ("int8", "float16", "float64", "int64")] == [12] * 4
    assert stored_bytes(np.zeros(3, np.complex64)) == 24


def test_nothing_is_too_dear_that_costs_nothing() -> None:
    draft = filled(10)
    assert too_dear(draft.graph("y"), {"fill": np.zeros(0, np.float32)}) == set()
    assert too_dear(draft.graph("y"), {}) == set()
