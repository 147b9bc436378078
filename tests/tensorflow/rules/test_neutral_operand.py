from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers, outputs_of
from graph_draft import Draft

from tfjsci.graph.graph import Graph, Shape
from tfjsci.rewrite.rules.neutral_operand import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)
X = np.array([[1.5, -2.0, np.nan], [np.inf, -np.inf, 0.0]], np.float32)


def operated(
    op: str,
    c: Any,
    *,
    first: bool = False,
    shape: Shape = (None, 3),
    dtype: str = "float32",
    sources: tuple[str, ...] = (),
) -> Graph:
    draft = Draft(dtype)
    x, constant = draft.input("x", shape), draft.const("c", np.array(c, dtype), sources=sources)
    untyped = op.startswith("Logical")
    inputs = (constant, x) if first else (x, constant)
    f = draft.op(op, "f", *inputs) if untyped else draft.typed(op, "f", *inputs)
    return draft.graph(draft.op("LogicalNot", "y", f) if untyped else draft.typed("Square", "y", f))


EXAMPLES = {
    "x · 1": operated("Mul", 1.0),
    "1 · x": operated("Mul", np.ones((1, 3)), first=True),
    "x / 1": operated("RealDiv", [1.0, 1.0, 1.0]),
    "x + 0": operated("AddV2", 0.0),
    "x − 0": operated("Sub", [0.0]),
    "integers": operated("Mul", 1, dtype="int32"),
    "x and true": operated("LogicalAnd", True, dtype="bool"),
    "x or false": operated("LogicalOr", [False], first=True, dtype="bool"),
}


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_what_changes_nothing_goes(before: Graph) -> None:
    result = after(before)
    assert next(node.op for node in result if node.op not in ("Const", "Placeholder")) == "Identity"
    dtype = str(getattr(before["x"].attrs["dtype"], "name", ""))
    x = np.nan_to_num(X, posinf=3, neginf=-3).astype(dtype)
    assert_same_numbers(before, result, x=x)


def test_nan_and_infinity_stay_where_they_are() -> None:
    before = operated("Mul", 1.0)
    (wanted,), (found,) = outputs_of(before, x=X), outputs_of(after(before), x=X)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (operated("Mul", [1.0, 1.0, 1.0001]), "the constant isn't 1"),
        (operated("Mul", 0.0), "the constant isn't 1"),
        (operated("AddV2", 1e-30), "the constant isn't 0"),
        (operated("LogicalAnd", [True, True, False], dtype="bool"), "the constant isn't 1"),
        (operated("Mul", np.ones((1, 1, 3))), "the shape of the operand"),
        (operated("Mul", np.ones((2, 3)), shape=(1, 3)), "the shape of the operand"),
        (operated("AddV2", np.zeros(3), shape=(None, 1)), "the shape of the operand"),
        (operated("AddV2", np.zeros(3), shape=(None, None)), "the shape of the operand"),
    ],
)
def test_leaves_alone_what_does_something(graph: Graph, reason: str) -> None:
    assert reason in refused(graph)


def test_leaves_alone_a_weight_that_is_neutral_as_yet() -> None:
    assert "it is a weight" in refused(operated("BiasAdd", np.zeros(3), sources=("dense/bias",)))


@pytest.mark.parametrize("op", ["Sub", "RealDiv"])
def test_leaves_alone_what_is_taken_from_or_divided(op: str) -> None:
    """1 / x and 0 − x."""
    assert refused(operated(op, 1.0 if op == "RealDiv" else 0.0, first=True)) == ""
