from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array

OPS = (
    "ReluGrad", "Relu6Grad", "LeakyReluGrad", "EluGrad", "SeluGrad", "SoftplusGrad", "SoftsignGrad", "SigmoidGrad",
    "TanhGrad", "RsqrtGrad", "SqrtGrad", "InvGrad", "ReciprocalGrad",
)  # fmt: skip


def _inputs(op: str, shape: tuple[int, ...], seed: int) -> list[Array]:
    """A root isn't negative."""
    first = floats(*shape, seed=seed, low=0.2 if op in ("SqrtGrad", "RsqrtGrad") else -8, high=8)
    return [first, floats(*shape, seed=seed + 1, low=-8, high=8)]


EXAMPLES = st.builds(
    lambda op, shape, seed: one_op(op, *_inputs(op, shape, seed)),
    st.sampled_from(OPS),
    shapes(0, 4),
    st.integers(0, 99),
)
CORNERS = (
    *(one_op(op, *_inputs(op, (2, 3), 1), unknown={0: [0], 1: [0]}) for op in OPS),
    one_op("LeakyReluGrad", floats(3), floats(3, seed=1), alpha=0.3),
    one_op("ReluGrad", ints(5), np.int32([-1, 0, 1, 2, 3])),
    one_op("Relu6Grad", floats(5), np.float32([-1, 0, 6, 5.9, 7])),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_derivative(example: Example) -> None:
    assert_right_in_tensorflow(example, "gradients_of_activations")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "gradients_of_activations")


def test_leaves_the_activations_alone() -> None:
    for op in ("Relu", "Relu6", "Sigmoid", "Tanh", "Elu", "Selu", "Softplus"):
        assert lowered_by(one_op(op, floats(3))) == []
