from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op


def conv(k: int, strides: int, padding: str, seed: int, *, constant: bool = True) -> Example:
    x, w = ints(2, 5, 6, 3, seed=seed), ints(k, 2, 3, 4, seed=seed)
    return one_op("Conv2D", x, w, constant=[1] if constant else [], strides=(1, strides, strides, 1), padding=padding)


EXAMPLES = st.builds(
    conv,
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["SAME", "VALID"]),
    st.integers(0, 99),
    constant=st.booleans(),
)
CORNERS = (conv(3, 1, "SAME", 0), conv(2, 2, "VALID", 1, constant=False))


@FEW
@given(EXAMPLES)
def test_it_is_a_convolution_of_floats(example: Example) -> None:
    assert_right_in_tensorflow(example, "conv_of_integers")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_kernels_of_the_run(example: Example) -> None:
    assert_right_in_tensorflow(example, "conv_of_integers")


def test_leaves_floats_alone() -> None:
    plain = {"constant": [1], "strides": (1, 1, 1, 1), "padding": "SAME"}
    assert lowered_by(one_op("Conv2D", floats(1, 4, 4, 2), floats(2, 2, 2, 3), **plain)) == []  # type: ignore[arg-type]
