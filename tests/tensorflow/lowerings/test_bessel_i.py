from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXAMPLES = st.builds(
    lambda op, shape, seed: one_op(op, floats(*shape, seed=seed, low=-8, high=8)),
    st.sampled_from(["BesselI0", "BesselI0e", "BesselI1", "BesselI1e"]),
    shapes(0, 4),
    st.integers(0, 99),
)
CORNERS = (
    one_op("BesselI0", np.linspace(-4, 4, 101, dtype=np.float32), tolerance=2e-6),
    one_op("BesselI0e", np.linspace(-9, 9, 101, dtype=np.float32), tolerance=2e-6),
    one_op("BesselI1", np.linspace(-4, 4, 101, dtype=np.float32), tolerance=2e-6),
    one_op("BesselI1e", np.linspace(-9, 9, 101, dtype=np.float32), tolerance=2e-6),
    one_op("BesselI0", np.float32([80, -85])),
    one_op("BesselI0e", np.float32([0, 3.75, 1e3, 1e10])),
    one_op("BesselI1e", np.float32([0, -3.75, 1e3, -1e10]), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_bessel_function(example: Example) -> None:
    assert_right_in_tensorflow(example, "bessel_i")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "bessel_i")
