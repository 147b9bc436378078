from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op
from rank_cases import DTYPES, high_shapes, values

from tfjsci.graph.graph import DType, Graph, Node, ShapeAttr

NAME = "rank_of_fill"


def filled(shape: tuple[int, ...], dtype: str = "float32") -> Example:
    # the value stays open: a Fill of constants is done at conversion
    return one_op("Fill", np.array(shape, np.int32), values((1,), dtype).reshape(()), constant=[0])


def filled_like(shape: tuple[int, ...], unknown: Sequence[int]) -> Example:
    """Fill(Shape(x), value), x being of the run."""
    open_shape = tuple(None if axis in unknown else n for axis, n in enumerate(shape))
    float32, int32 = DType("float32"), DType("int32")
    x = Node(name="x", op="Placeholder", attrs={"dtype": float32, "shape": ShapeAttr(open_shape)})
    value = Node(name="value", op="Placeholder", attrs={"dtype": float32, "shape": ShapeAttr(())})
    sizes = Node(name="sizes", op="Shape", inputs=("x",), attrs={"T": float32, "out_type": int32})
    fill = Node(name="fill", op="Fill", inputs=("sizes", "value"), attrs={"T": float32, "index_type": int32})
    graph = Graph(nodes=(x, value, sizes, fill), outputs=("fill",))
    return Example(graph=graph, inputs={"x": floats(*shape), "value": np.float32(2.5)}, text=f"like {open_shape}")


EXAMPLES = st.builds(filled, high_shapes(7, 8), st.sampled_from(DTYPES))
SEVEN = (2, 1, 2, 1, 2, 3, 1)
CORNERS = (
    filled(SEVEN),
    filled(SEVEN, "bool"),
    filled((2, 0, 2, 1, 2, 3, 1), "int32"),
    filled_like(SEVEN, [0, 5]),
)


@FEW
@given(EXAMPLES)
def test_a_vector_is_filled(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(filled(SEVEN[1:])) == []
