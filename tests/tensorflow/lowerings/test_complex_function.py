from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op

from tfjsci.rewrite.lowerings.complex_function import FORMULAS

NEAR_A_POLE = 2e-3
"""Where cosh a + cos b is small, the GPUs' own cosh and cos count many times."""
EXAMPLES = st.builds(
    lambda op, seed: complex_op(op, complexes(2, 3, seed=seed), gpu_tolerance=NEAR_A_POLE),
    st.sampled_from(sorted(FORMULAS)),
    st.integers(0, 99),
)
QUARTERS = np.complex64([3 + 4j, -3 + 4j, -3 - 4j, 3 - 4j, 2, -2, 2j, -2j])
CORNERS = (
    complex_op("Sqrt", QUARTERS),
    complex_op("Log", QUARTERS),
    complex_op("Rsqrt", QUARTERS),
    complex_op("Sqrt", np.complex64([0, 1e-6 - 4j])),
    complex_op("Tanh", np.complex64([50 + 1j, -60 - 2j, 0])),
    complex_op("Sign", np.complex64([0, 3 + 4j])),
    complex_op("Exp", complexes(2, 3), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_by_functions_of_the_parts(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_function")


@pytest.mark.parametrize("op", sorted(FORMULAS))
def test_every_op(op: str) -> None:
    assert_right_in_tensorflow(complex_op(op, complexes(3, 4)), "complex_function")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_function")


def test_leaves_real_numbers_alone() -> None:
    assert lowered_by(one_op("Exp", floats(2))) == []
