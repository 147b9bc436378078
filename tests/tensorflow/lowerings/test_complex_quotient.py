from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op


def away(*shape: int, seed: int = 0) -> object:
    """Not near 0, where a quotient grows beyond all measure."""
    made = complexes(*shape, seed=seed)
    return made + (2 * np.sign(made.real)).astype(np.complex64)


EXAMPLES = st.builds(
    lambda op, seed: complex_op(op, complexes(2, 3, seed=seed), away(3, seed=seed + 1)),
    st.sampled_from(["RealDiv", "Div", "DivNoNan"]),
    st.integers(0, 99),
)
CORNERS = (
    complex_op("RealDiv", complexes(2, 3), away(2, 3), unknown={0: [0], 1: [0]}),
    complex_op("RealDiv", complexes(2, 3), np.float32([1, 2, 3]).astype(np.complex64), constant=[1]),
    complex_op("DivNoNan", complexes(3), np.complex64([0, 1 + 1j, 0])),
    complex_op("Reciprocal", away(2, 3)),
    complex_op("Inv", away(2, 3)),
    complex_op("RealDiv", np.complex64([1, 2j]), away(2), constant=[0]),
)


@FEW
@given(EXAMPLES)
def test_by_the_conjugate(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_quotient")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_quotient")


def test_leaves_real_numbers_alone() -> None:
    assert lowered_by(one_op("RealDiv", floats(2), floats(2))) == []
