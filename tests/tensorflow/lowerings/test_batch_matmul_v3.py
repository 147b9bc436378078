from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, rewritten

from tfjsci.graph.graph import Array, DType


def product(x: Array, y: Array, made: str, **rest: Any) -> Example:
    return one_op("BatchMatMulV3", x, y, Tout=DType(made), **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    rows, inner, columns = (draw(st.integers(1, 5)) for _ in range(3))
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    adj_x, adj_y = draw(st.booleans()), draw(st.booleans())
    dtype = draw(st.sampled_from([np.int8, np.int32, np.float32]))
    made = "float32" if dtype is np.float32 else "int32"
    x = floats(*batch, *((inner, rows) if adj_x else (rows, inner)), seed=draw(st.integers(0, 9)), low=-99, high=99)
    y = floats(*batch, *((columns, inner) if adj_y else (inner, columns)), low=-99, high=99)
    constant = [1] if draw(st.booleans()) else []
    unknown = {0: [0]} if draw(st.booleans()) else {}
    return product(x.astype(dtype), y.astype(dtype), made, adj_x=adj_x, adj_y=adj_y, constant=constant, unknown=unknown)


EXAMPLES = examples()
BYTES = ints(2, 3, 4, low=-128, high=128).astype(np.int8)
CORNERS = (
    product(BYTES, BYTES[0], "int32", adj_y=True, unknown={0: [0]}),
    product(BYTES, ints(4, 5, low=-128, high=128).astype(np.int8), "int32", constant=[1], unknown={0: [0, 1]}),
    product(ints(2, 3), ints(3, 4), "int32"),
    product(np.full((2, 300), -128, np.int8), np.full((300, 2), -128, np.int8), "int32"),  # 4,915,200, exact
)


@FEW
@given(EXAMPLES)
def test_it_is_cast_and_multiplied(example: Example) -> None:
    assert_right_in_tensorflow(example, "batch_matmul_v3")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "batch_matmul_v3")


def test_bytes_are_multiplied_as_floats() -> None:
    kernel = ints(4, 5, low=-128, high=128).astype(np.int8)
    graph = rewritten(product(BYTES, kernel, "int32", constant=[1], unknown={0: [0, 1]})).graph
    assert [node.op for node in graph.nodes if node.op not in ("Const", "Placeholder")] == [
        "Cast",
        "BatchMatMulV2",
        "Cast",
    ]
