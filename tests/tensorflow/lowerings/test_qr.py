from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused


@st.composite
def examples(draw: st.DrawFn) -> Example:
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    x = floats(*batch, rows, columns, seed=draw(st.integers(0, 99)), low=-1, high=1)
    x += 2 * np.eye(rows, columns, dtype=np.float32)  # far from columns that depend on one another
    full = draw(st.booleans())
    unknown = {0: [0]} if batch and draw(st.booleans()) else {}
    return one_op("Qr", x, full_matrices=full, outputs=2, unknown=unknown, scale=1, tolerance=1e-4, gpu_tolerance=1e-3)


EXAMPLES = examples()
NOTHING_BELOW = np.array([[[1, 2], [0, 3]], [[-1, 2], [0, -3]], [[0, 1], [2, 0]]], np.float32)
CORNERS = (
    one_op("Qr", floats(2, 4, 3), outputs=2, unknown={0: [0]}, gpu_tolerance=1e-3),
    one_op("Qr", floats(2, 4, 3), outputs=2, full_matrices=True, gpu_tolerance=1e-3),
    one_op("Qr", floats(3, 5), outputs=2, gpu_tolerance=1e-3),
    one_op("Qr", NOTHING_BELOW, outputs=2, gpu_tolerance=1e-3),
    one_op("Qr", floats(16, 16), outputs=2, tolerance=1e-4, gpu_tolerance=1e-3),
)


@FEW
@given(EXAMPLES)
def test_it_reflects(example: Example) -> None:
    assert_right_in_tensorflow(example, "qr")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "qr")


def test_declines_large_matrices() -> None:
    assert "Qr" in refused(one_op("Qr", floats(17, 17), outputs=2))
