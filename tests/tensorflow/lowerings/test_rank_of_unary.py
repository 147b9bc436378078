from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op
from rank_cases import high_shapes, unknowns, values

NAME = "rank_of_unary"
SIX = (1, 2, 1, 2, 2, 2)
SEVEN = (2, 1, 2, 2, 1, 2, 2)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(7, 8))
    op = draw(st.sampled_from(["Relu", "Neg", "Exp", "Tanh", "IsNan", "Abs", "Softmax"]))
    dtype = draw(st.sampled_from(["float32", "int32"])) if op in ("Neg", "Abs", "Relu") else "float32"
    open_axes = draw(unknowns(len(shape) - (op == "Softmax")))
    return one_op(op, values(shape, dtype, draw(st.integers(0, 99))), unknown={0: open_axes})


EXAMPLES = examples()
CORNERS = (
    one_op("Relu", floats(*SEVEN)),
    one_op("Sigmoid", floats(*SEVEN), unknown={0: [0, 3]}),
    one_op("LogicalNot", values(SEVEN, "bool")),
    one_op("LeakyRelu", floats(*SEVEN), alpha=0.3),
    one_op("Cast", floats(*SEVEN), DstT="int32"),
    one_op("AddN", floats(*SEVEN), floats(*SEVEN, seed=1), floats(*SEVEN, seed=2), N=3),
    one_op("Softmax", floats(*SEVEN, 3), unknown={0: [0]}),
    one_op("LogSoftmax", floats(*SEVEN, 3)),
    one_op("ZerosLike", floats(*SEVEN), unknown={0: [0]}),
    one_op("Relu", floats(2, 0, 2, 2, 1, 2, 2)),
)


@FEW
@given(EXAMPLES)
def test_the_numbers_are_one_row(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_a_cast_to_floats_alone() -> None:
    assert lowered_by(one_op("Cast", values(SEVEN, "int32"), DstT="float32")) == []


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(one_op("Relu", floats(*SIX))) == []
    assert lowered_by(one_op("Relu", floats(*SEVEN), backends=("wasm", "cpu"))) == []
