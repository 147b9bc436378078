from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, rewritten

from tfjsci.graph.graph import Constant, DType, Graph, Node, ShapeAttr, dtype_name

INT = DType("int32")


def summed(
    *sizes: int,
    axis: int,
    value: Any = 1,
    packed: bool = True,
    known: bool = False,
    dtype: Any = np.int32,
    **flags: bool,
) -> Example:
    """Cumsum of a Fill that is as large as x, by its sizes one by one or by its Shape."""
    number, filling = DType(np.dtype(dtype).name), np.array(value, dtype)
    x_shape = ShapeAttr(tuple(sizes) if known else (None,) * len(sizes))
    masks = {f"{mask}_mask": 0 for mask in ("begin", "end", "ellipsis", "new_axis")}
    sliced = {"T": INT, "Index": INT, "shrink_axis_mask": 1, **masks}
    constants: dict[str, Any] = {"axis": np.int32(axis), "one": np.array([1], np.int32)}
    constants |= {f"at{i}": np.array([i], np.int32) for i in range(len(sizes) + 1)}
    nodes = [
        Node(name="x", op="Placeholder", attrs={"dtype": DType("float32"), "shape": x_shape}),
        Node(name="shape", op="Shape", inputs=("x",), attrs={"T": DType("float32"), "out_type": INT}),
    ]
    dims = "shape"
    if packed:
        names = tuple(f"n{i}" for i in range(len(sizes)))
        nodes += [
            Node(name=name, op="StridedSlice", inputs=("shape", f"at{i}", f"at{i + 1}", "one"), attrs=sliced)
            for i, name in enumerate(names)
        ]
        dims = "dims"
        nodes.append(Node(name=dims, op="Pack", inputs=names, attrs={"T": INT, "N": len(names), "axis": 0}))
    nodes += [
        Node(name="filled", op="Fill", inputs=(dims, "value"), attrs={"T": number, "index_type": INT}),
        Node(
            name="op",
            op="Cumsum",
            inputs=("filled", "axis"),
            attrs={"T": number, "Tidx": INT, "exclusive": False, "reverse": False, **flags},
        ),
    ]
    values = {**constants, "value": filling}
    nodes += [Node(name=n, op="Const", attrs={"dtype": DType(dtype_name(v))}) for n, v in values.items()]
    held = {name: Constant(value=np.array(v)) for name, v in values.items()}
    return Example(
        graph=Graph(nodes=tuple(nodes), outputs=("op",), constants=held).pruned(),
        inputs={"x": floats(*sizes)},
        text=f"Cumsum(Fill({sizes}, {value})) {axis} {flags}",
    )


EXAMPLES = st.builds(
    lambda sizes, axis, value, packed, dtype, exclusive, reverse: summed(
        *sizes, axis=axis, value=value, packed=packed, dtype=dtype, exclusive=exclusive, reverse=reverse
    ),
    st.lists(st.integers(1, 4), min_size=2, max_size=3),
    st.sampled_from([-1, -2]),
    st.sampled_from([1, 1, 3, -2]),
    st.booleans(),
    st.sampled_from([np.int32, np.float32]),
    st.booleans(),
    st.booleans(),
)
CORNERS = (
    summed(1, 3, 5, axis=-2),
    summed(1, 3, 5, axis=-1, packed=False),
    summed(2, 3, axis=-1, exclusive=True, reverse=True),
    summed(2, 3, axis=-2, value=2.5, dtype=np.float32, reverse=True),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_range(example: Example) -> None:
    assert_right_in_tensorflow(example, "cumsum_of_ones")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: example.text)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "cumsum_of_ones")


def test_nothing_is_filled() -> None:
    assert "Fill" not in [node.op for node in rewritten(summed(1, 3, 5, axis=-2)).graph.nodes]


def test_leaves_alone_what_every_backend_can() -> None:
    assert "cumsum_of_ones" not in lowered_by(summed(2, 3, axis=1))
