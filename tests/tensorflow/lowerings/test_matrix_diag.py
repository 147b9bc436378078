from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, rewritten

from tfjsci.graph.graph import Array

ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def v3(x: Array, k: Any, rows: int = -1, columns: int = -1, padding: float = 0, **rest: Any) -> Example:
    given_sizes = (np.array(k, np.int32), np.int32(rows), np.int32(columns), np.array(padding, x.dtype))
    return one_op("MatrixDiagV3", x, *given_sizes, constant=[1, 2, 3, 4], **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    op = draw(st.sampled_from(["Diag", "MatrixDiag", "MatrixDiagV2", "MatrixDiagV3", "MatrixDiagV3"]))
    kind = draw(st.sampled_from([floats, ints, lambda *shape: floats(*shape) > 0]))
    unknown = {0: [0]} if batch and draw(st.booleans()) else {}
    if op == "Diag":
        return one_op("Diag", (floats if draw(st.booleans()) else ints)(*batch[:1], rows))
    if op == "MatrixDiag":
        return one_op("MatrixDiag", kind(*batch, rows), unknown={0: [0, -1]} if draw(st.booleans()) else {})
    highest = draw(st.integers(1 - rows, columns - 1))
    lowest = draw(st.integers(1 - rows, highest))
    longest = min(rows + min(highest, 0), columns - max(lowest, 0))
    shape = (*batch, *([highest - lowest + 1] if highest > lowest else []), longest)
    k = np.array([lowest, highest] if highest > lowest else lowest, np.int32)
    given_rows, given_columns = (rows, columns) if draw(st.booleans()) or highest > lowest else (-1, -1)
    x = kind(*shape)
    rest = {"align": draw(st.sampled_from(ALIGNMENTS))} if op == "MatrixDiagV3" else {}
    sizes = (np.int32(given_rows), np.int32(given_columns), np.array(draw(st.integers(0, 1)), x.dtype))
    return one_op(op, x, k, *sizes, constant=[1, 2, 3, 4], unknown=unknown, **rest)


EXAMPLES = examples()
CORNERS = (
    v3(floats(2, 3), 0, unknown={0: [0]}),
    one_op("MatrixDiag", floats(2, 3), unknown={0: [0, 1]}),
    one_op("MatrixDiag", np.array([[1, np.inf], [np.nan, 2]], np.float32)),
    v3(floats(2, 3), 1, unknown={0: [0]}),
    v3(floats(2, 3), -1, padding=7),
    v3(floats(2, 3), 0, rows=4, columns=3),
    v3(floats(2, 3, 4), [-1, 1], align="RIGHT_LEFT", unknown={0: [0]}),
    v3(ints(3, 4), [-1, 1], align="LEFT_RIGHT"),
    v3(floats(2, 3) > 0, 0),
    one_op("Diag", floats(2, 3)),
)


@FEW
@given(EXAMPLES)
def test_it_lays_the_diagonals(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_diag")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_diag")


def test_the_main_diagonal_takes_two_kernels() -> None:
    ops = [node.op for node in rewritten(v3(floats(2, 3), 0)).graph.nodes]
    assert sorted(set(ops) - {"Const", "Placeholder", "Reshape"}) == ["Pad", "Slice"]
