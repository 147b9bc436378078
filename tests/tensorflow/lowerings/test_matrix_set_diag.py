from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op

from tfjsci.graph.graph import Array

ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def v3(x: Array, diagonal: Array, k: Any, **rest: Any) -> Example:
    return one_op("MatrixSetDiagV3", x, diagonal, np.array(k, np.int32), constant=[2], **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=3))
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    op = draw(st.sampled_from(["MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3", "MatrixSetDiagV3"]))
    kind = draw(st.sampled_from([floats, ints, lambda *shape, **rest: floats(*shape, **rest) > 0]))
    highest = draw(st.integers(1 - rows, columns - 1)) if op != "MatrixSetDiag" else 0
    lowest = draw(st.integers(1 - rows, highest)) if op != "MatrixSetDiag" else 0
    longest = min(rows + min(highest, 0), columns - max(lowest, 0))
    diagonal = kind(*batch, *([highest - lowest + 1] if highest > lowest else []), longest, seed=5)
    x = kind(*batch, rows, columns)
    unknown = {0: [0], 1: [0]} if batch and draw(st.booleans()) else {}
    if op == "MatrixSetDiag":
        return one_op(op, x, diagonal, unknown={0: [-1, -2], 1: [-1]} if draw(st.booleans()) else unknown)
    k = np.array([lowest, highest] if highest > lowest else lowest, np.int32)
    rest = {"align": draw(st.sampled_from(ALIGNMENTS))} if op == "MatrixSetDiagV3" else {}
    return one_op(op, x, diagonal, k, constant=[2], unknown=unknown, **rest)


EXAMPLES = examples()
CORNERS = (
    v3(floats(2, 3, 4), floats(2, 3), 0, unknown={0: [0], 1: [0]}),
    v3(floats(2, 4, 3), floats(2, 3), 0, unknown={0: [0, 1, 2], 1: [0, 1]}),
    v3(floats(2, 3, 4), floats(2, 3), 1, unknown={0: [0], 1: [0]}),
    v3(floats(2, 3, 4), floats(2, 3, 3), [-1, 1], align="RIGHT_LEFT"),
    v3(ints(4, 3), ints(2, 3), [-1, 0], align="LEFT_RIGHT"),
    v3(floats(2, 1, 2, 3, 3), floats(2, 1, 2, 3), 0, unknown={0: [0], 1: [0]}),
    v3(floats(2, 3, 3) > 0, floats(2, 3) > 0, 0),
    one_op("MatrixSetDiag", floats(3, 3), np.array([np.inf, 1, np.nan], np.float32)),
)


@FEW
@given(EXAMPLES)
def test_it_selects_or_picks(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_set_diag")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_set_diag")
