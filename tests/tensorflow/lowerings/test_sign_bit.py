from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused, rewritten, shapes

from tfjsci.graph.graph import Array, Constant, DType, Graph, Node

LEAST = np.int32(-(2**31))


def sign_of(x: Array, mask: np.int32 = LEAST, **kwargs: object) -> Example:
    """BitwiseAnd of x's bits: the Bitcast in between."""
    made = one_op("BitwiseAnd", np.zeros(x.shape, np.int32), mask, constant=[1])
    taken = one_op("Bitcast", x, type="int32", **kwargs)  # type: ignore[arg-type]
    nodes = [replace(node, name="bits") if node.name == "op" else node for node in taken.graph]
    nodes += [made.graph["input1"], replace(made.graph["op"], inputs=("bits", "input1"))]
    return replace(taken, graph=Graph(nodes=tuple(nodes), outputs=("op",), constants=made.graph.constants))


def with_less(example: Example) -> Example:
    """… and compared with 0, as Keras' signbit does."""
    zero = Node(name="zero", op="Const", attrs={"dtype": DType("int32")})
    less = Node(name="less", op="Less", inputs=("op", "zero"), attrs={"T": DType("int32")})
    graph = replace(
        example.graph,
        nodes=(*example.graph.nodes, zero, less),
        outputs=("less",),
        constants={**example.graph.constants, "zero": Constant(value=np.int32(0))},
    )
    return replace(example, graph=graph)


ODD = np.float32([0.0, -0.0, 1, -1, 1e-30, -1e-30, np.inf, -np.inf, 3e38, -3e38, 0.5])

EXAMPLES = st.builds(lambda shape, seed: sign_of(floats(*shape, seed=seed)), shapes(0, 5), st.integers(0, 99))
CORNERS = (
    sign_of(ODD),
    with_less(sign_of(ODD)),
    with_less(sign_of(floats(2, 3), unknown={0: [0]})),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_sign(example: Example) -> None:
    assert_right_in_tensorflow(example, "sign_bit")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "sign_bit")


def test_the_bitcast_falls_away() -> None:
    assert "Bitcast" not in {node.op for node in rewritten(CORNERS[0]).graph}


def test_declines_other_bits() -> None:
    assert "Bitcast" in refused(sign_of(floats(3), mask=np.int32(255)))
