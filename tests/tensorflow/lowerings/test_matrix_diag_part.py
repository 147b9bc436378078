from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op

from tfjsci.graph.graph import Array

ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def v3(x: Array, k: Any, padding: float = 0, **rest: Any) -> Example:
    return one_op("MatrixDiagPartV3", x, np.array(k, np.int32), np.array(padding, x.dtype), constant=[1, 2], **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    op = draw(
        st.sampled_from(["DiagPart", "MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3", "MatrixDiagPartV3"])
    )
    kind = draw(st.sampled_from([floats, ints, lambda *shape: floats(*shape) > 0]))
    if op == "DiagPart":
        return one_op("DiagPart", (floats if draw(st.booleans()) else ints)(*batch[:1], rows, *batch[:1], rows))
    x = kind(*batch, rows, columns)
    if op == "MatrixDiagPart":
        return one_op("MatrixDiagPart", x, unknown={0: [0, -1]} if draw(st.booleans()) else {})
    highest = draw(st.integers(1 - rows, columns - 1))
    lowest = draw(st.integers(1 - rows, highest))
    k = np.array([lowest, highest] if highest > lowest else lowest, np.int32)
    rest = {"align": draw(st.sampled_from(ALIGNMENTS))} if op == "MatrixDiagPartV3" else {}
    padding = np.array(draw(st.integers(0, 1)), x.dtype)
    unknown = {0: [0]} if batch and draw(st.booleans()) else {}
    return one_op(op, x, k, padding, constant=[1, 2], unknown=unknown, **rest)


EXAMPLES = examples()
CORNERS = (
    v3(floats(2, 3, 4), 0, unknown={0: [0]}),
    v3(floats(2, 4, 3), 0, unknown={0: [0, 1, 2]}),
    one_op("MatrixDiagPart", floats(3, 4)),
    v3(floats(2, 3, 4), 2, unknown={0: [0]}),
    v3(floats(2, 3, 4), [-1, 1], align="RIGHT_LEFT", padding=7, unknown={0: [0]}),
    v3(ints(4, 3), [-2, 0], align="LEFT_RIGHT"),
    v3(floats(2, 3, 3) > 0, [0, 1]),
    one_op("DiagPart", floats(2, 3, 2, 3)),
)


@FEW
@given(EXAMPLES)
def test_it_picks_by_places(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_diag_part")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_diag_part")
