from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, rewritten

from tfjsci.graph.graph import Array


def product(x: Array, y: Array, **rest: Any) -> Example:
    return one_op("BatchMatMulV2", x, y, **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Matrices with a 1 in one operand behind a dimension that it has."""
    batch = [draw(st.integers(2, 3)) for _ in range(draw(st.integers(2, 3)))]
    gone = draw(st.integers(1, len(batch) - 1))
    short = [1 if i == gone else n for i, n in enumerate(batch)]
    whole = batch[draw(st.integers(0, gone)) :]
    rows, inner, columns = (draw(st.integers(1, 4)) for _ in range(3))
    adj_x, adj_y, swapped = (draw(st.booleans()) for _ in range(3))
    x_batch, y_batch = (whole, short) if swapped else (short, whole)
    x = floats(*x_batch, *((inner, rows) if adj_x else (rows, inner)), seed=draw(st.integers(0, 9)))
    y = floats(*y_batch, *((columns, inner) if adj_y else (inner, columns)))
    unknown = {0: [0], 1: [0]} if draw(st.booleans()) and len(whole) == len(short) else {}
    return product(x, y, adj_x=adj_x, adj_y=adj_y, unknown=unknown)


EXAMPLES = examples()
CORNERS = (
    product(floats(2, 1, 4, 5), floats(1, 3, 5, 6)),
    product(floats(2, 1, 4, 5), floats(2, 3, 5, 6), unknown={0: [0], 1: [0]}),
    product(floats(2, 3, 1, 5), floats(2, 1, 4, 5), adj_y=True, unknown={0: [0], 1: [0]}),  # heads that share keys
    product(floats(2, 1, 3, 4, 5), floats(2, 2, 3, 5, 6)),
    # webgl, with a vector of more than 1000
    product(floats(1, 1, 1100), floats(2, 1100, 3)),
    product(floats(2, 3, 1100), floats(1100, 1), unknown={0: [0]}),
    product(floats(2, 1100, 1), floats(1, 4, 1100), adj_x=True, adj_y=True),
)


@FEW
@given(EXAMPLES)
def test_the_dimension_goes_among_rows_or_columns(example: Example) -> None:
    assert_right_in_tensorflow(example, "spread_matmul")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "spread_matmul")


def test_shared_keys_take_no_transpose() -> None:
    ops = sorted(node.op for node in rewritten(CORNERS[2]).graph.nodes if node.op not in ("Const", "Placeholder"))
    assert ops == ["BatchMatMulV2", "Reshape", "Reshape", "Squeeze"]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (floats(2, 3, 4, 5), floats(5, 6)),
        (floats(3, 4, 5), floats(2, 3, 5, 6)),
        (floats(1, 3, 4, 5), floats(2, 3, 5, 6)),
        (floats(1, 1, 4, 5), floats(2, 3, 5, 6)),
        (floats(2, 1, 4, 5), floats(2, 1, 5, 6)),
        (floats(3, 1, 1100), floats(3, 1100, 4)),
        (floats(1, 2, 1100), floats(3, 1100, 2)),
    ],
)
def test_leaves_alone_what_the_runtime_spreads_rightly(x: Array, y: Array) -> None:
    assert lowered_by(product(x, y)) == []
    assert lowered_by(product(x, y, unknown={i: [0] for i, t in enumerate((x, y)) if t.shape[0] > 1})) == []
