from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, shapes


def beside(op: str, shape: tuple[int, ...], seed: int, *, swapped: bool = False, constant: bool = True) -> Example:
    x, v = floats(*shape, seed=seed, low=0.5), floats(shape[-1], seed=seed + 1, low=0.5)
    inputs = (v, x) if swapped else (x, v)
    return one_op(op, *inputs, constant=[0 if swapped else 1] if constant else [])


EXAMPLES = st.builds(
    beside,
    st.sampled_from(["AddV2", "Mul", "Sub", "RealDiv", "Maximum", "SquaredDifference", "Less", "Pow"]),
    shapes(5, 6, low=2, high=3),
    st.integers(0, 99),
    swapped=st.booleans(),
    constant=st.booleans(),
)
CORNERS = (
    one_op("BiasAdd", floats(1, 2, 3, 2, 3), floats(3), constant=[1]),
    beside("AddV2", (2, 2, 2, 2, 3), 0),
    beside("Mul", (2, 2, 2, 2, 2, 3), 0, swapped=True, constant=False),
)


@FEW
@given(EXAMPLES)
def test_the_vector_gets_a_second_dimension(example: Example) -> None:
    assert_right_in_tensorflow(example, "vector_operand")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_a_bias_of_volumes(example: Example) -> None:
    assert_right_in_tensorflow(example, "vector_operand")


def test_leaves_alone_what_webgpu_does_right() -> None:
    assert lowered_by(beside("AddV2", (2, 2, 2, 3), 0)) == []
    assert lowered_by(one_op("AddV2", floats(2, 2, 2, 2, 3), floats(1, 3))) == []
    assert lowered_by(one_op("AddV2", floats(1, 1, 1, 1, 200), floats(200))) == []
    assert lowered_by(one_op("AddV2", floats(2, 2, 2, 2, 3), floats(3), backends=("webgl", "wasm", "cpu"))) == []
