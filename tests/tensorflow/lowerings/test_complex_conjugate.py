from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

EXAMPLES = st.one_of(
    st.builds(lambda shape, seed: complex_op("Conj", complexes(*shape, seed=seed)), shapes(0, 3), st.integers(0, 99)),
    st.builds(
        lambda order, seed: complex_op(
            "ConjugateTranspose", complexes(2, 3, 4, seed=seed), np.int32(order), constant=[1]
        ),
        st.permutations(range(3)),
        st.integers(0, 99),
    ),
)
CORNERS = (
    complex_op("Conj", complexes(2, 3), unknown={0: [0]}),
    one_op("ConjugateTranspose", floats(2, 3), np.int32([1, 0]), constant=[1]),
    one_op("ConjugateTranspose", ints(2, 3, 4), np.int32([2, 0, 1]), constant=[1]),
    complex_op("Conj", complexes(2, 3), backends=("webgl", "webgpu", "cpu")),
)


@FEW
@given(EXAMPLES)
def test_the_imaginary_part_turns(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_conjugate")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_conjugate")
