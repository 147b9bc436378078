from __future__ import annotations

import math

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.catalog.bounds import UNKNOWN, Bounds, bounds_of, range_of, result_of
from tfjsci.graph.graph import Graph, TensorType


def one(op: str, *inputs: np.ndarray | str, dtype: str = "int32") -> Graph:  # type: ignore[type-arg]
    """The op on constants and on unknown tensors of the given dtypes."""
    draft = Draft()
    types = {"op": TensorType(dtype=dtype, shape=(2,))}
    names = []
    for i, given in enumerate(inputs):
        if isinstance(given, str):
            names.append(draft.input(f"in{i}", (2,)))
            types[f"in{i}"] = TensorType(dtype=given, shape=(2,))
        else:
            names.append(draft.const(f"in{i}", given))
    return draft.graph(draft.op(op, "op", *names), types=types)


def number(value: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(value, np.int32)


def between(low: float, high: float) -> Bounds:
    return Bounds(low=low, high=high)


INT = between(-(2**31), 2**31 - 1)

CASES: list[tuple[str, Graph, Bounds]] = [
    ("a constant's own values", one("Identity", np.int32([3, -7])), between(-7, 3)),
    ("a dtype's range", one("Foo", "int32"), INT),
    ("a byte's", one("Identity", "uint8"), between(0, 255)),
    ("a float can be anything", one("Identity", "float32", dtype="float32"), UNKNOWN),
    ("a remainder", one("FloorMod", "int32", number(256)), between(0, 255)),
    ("a remainder of floats reaches the divisor", one("FloorMod", "float32", number(256), dtype="float32"), between(0, 256)),
    ("one of a negative divisor", one("FloorMod", "int32", number(-256)), INT),
    ("a sum", one("AddV2", "uint8", number(10)), between(10, 265)),
    ("a difference", one("Sub", number(255), "uint8"), between(0, 255)),
    ("a difference that wraps", one("Sub", "uint8", number(1), dtype="uint8"), between(0, 255)),
    ("a product", one("Mul", "int8", number(-2)), between(-254, 256)),
    ("a clip", one("ClipByValue", "float32", number(-1), number(6), dtype="float32"), between(-1, 6)),
    ("half a clip", one("Maximum", "float32", number(0), dtype="float32"), between(0, math.inf)),
    ("a cast", one("Cast", "bool"), between(0, 1)),
    ("a choice", one("SelectV2", "bool", number(3), number(9)), between(3, 9)),
    ("truth", one("Less", "int32", number(3), dtype="bool"), between(0, 1)),
    ("a quotient", one("FloorDiv", "uint8", number(3)), between(0, 255)),
    ("a sum of two", one("Sum", "uint8", number(0)), between(0, 510)),
    ("a square", one("Square", "int8"), between(-16256, 16384)),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_bounds(graph: Graph, expected: Bounds) -> None:
    assert bounds_of(graph, "op") == expected


def test_a_result_is_told_as_if_its_dtype_were_wide() -> None:
    graph = one("AddV2", "uint8", "uint8", dtype="uint8")
    assert bounds_of(graph, "op") == between(0, 255)
    assert result_of(graph, graph["op"]) == between(0, 510)


def test_it_looks_back_no_further_than_it_must() -> None:
    draft = Draft()
    name = draft.input("x", (2,))
    types = {"x": TensorType(dtype="float32", shape=(2,))}
    name = draft.op("Relu6", "first", name)
    for i in range(20):
        name = draft.op("Identity", f"node{i}", name)
    graph = draft.graph(name, types=types)
    assert bounds_of(graph, "node3") == between(0, 6)
    assert bounds_of(graph, name) == UNKNOWN


def test_cutting_off_fractions() -> None:
    assert between(-1.5, 255.9).cut() == between(-1, 255)
    assert UNKNOWN.cut() == UNKNOWN
    assert range_of("float32") == UNKNOWN
    assert range_of("int16") == between(-32768, 32767)
