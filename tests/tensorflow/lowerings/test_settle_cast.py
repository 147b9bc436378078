"""Floats that webgpu still holds as integers, before what transposes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array, DType, Node, dtype_name

NAME = "settle_cast"


def cast_before(example: Example, *, behind: Node | None = None) -> Example:
    """The example with its first input as integers that are cast, and perhaps reshaped."""
    x = example.inputs["input0"]
    whole: Array = (x > 0) if behind is None and x.size % 2 else x.astype(np.int32)
    nodes: list[Node] = []
    for node in example.graph:
        if node.name != "input0":
            nodes.append(node)
            continue
        kept = {"SrcT": DType(dtype_name(whole)), "DstT": DType("float32"), "Truncate": False}
        held = replace(node, name="whole", attrs={**node.attrs, "dtype": DType(dtype_name(whole))})
        nodes += [held, Node(name="input0", op="Cast", inputs=("whole",), attrs=kept)]
    inputs = {
        "whole" if name == "input0" else name: whole if name == "input0" else v for name, v in example.inputs.items()
    }
    return replace(
        example, graph=replace(example.graph, nodes=tuple(nodes)), inputs=inputs, text=f"cast, {example.text}"
    )


def on_cast(op: str, shape: tuple[int, ...], *rest: Any, unknown: tuple[int, ...] = (), **attrs: Any) -> Example:
    x = ints(*shape, low=-4, high=5).astype(np.float32)
    constant = range(1, len(rest) + 1)
    return cast_before(one_op(op, x, *rest, constant=constant, unknown={0: unknown}, **attrs))


def i32(*numbers: int) -> Array:
    return np.array(numbers, np.int32)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(3, 4))
    unknown = draw(st.sampled_from([(), (), (0,)]))
    op = draw(st.sampled_from(["Transpose", "Sum", "Mean", "Max", "Min", "Prod", "Cumsum"]))
    if op == "Transpose":
        return on_cast(op, shape, i32(*draw(st.permutations(range(len(shape))))), unknown=unknown)
    axis = draw(st.integers(0, len(shape) - 2))
    if op == "Cumsum":
        return on_cast(op, shape, np.array(axis, np.int32), unknown=unknown)
    return on_cast(op, shape, i32(axis), unknown=unknown, keep_dims=draw(st.booleans()))


EXAMPLES = examples()
CORNERS = (
    on_cast("Transpose", (2, 3, 4), i32(0, 2, 1)),
    on_cast("Transpose", (3, 3, 5), i32(2, 1, 0)),
    on_cast("Mean", (2, 4, 4, 3), i32(1, 2)),
    on_cast("Sum", (2, 3, 1), i32(1), unknown=(0,)),
    on_cast("ArgMax", (1, 3, 1), np.array(1, np.int32)),
    on_cast("BatchToSpaceND", (4, 2, 2, 1), i32(2, 2), np.zeros((2, 2), np.int32)),
    on_cast("Cumprod", (2, 3, 2), np.array(0, np.int32)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_sees_through_reshapes_only() -> None:
    plain = on_cast("Transpose", (2, 3, 4), i32(0, 2, 1))
    between = {
        "Reshape": Node(
            name="input0",
            op="Reshape",
            inputs=("cast", "shape"),
            attrs={"T": DType("float32"), "Tshape": DType("int32")},
        ),
        "Abs": Node(name="input0", op="Abs", inputs=("cast",), attrs={"T": DType("float32")}),
    }
    for op, node in between.items():
        shape = one_op("Reshape", ints(2, 3, 4), i32(4, 2, 3), constant=[1]).graph
        nodes = [replace(n, name="cast") if n.name == "input0" else n for n in plain.graph]
        nodes.insert(2, node)
        nodes.insert(2, replace(shape["input1"], name="shape"))
        constants = {**plain.graph.constants, "shape": shape.constants["input1"]}
        example = replace(plain, graph=replace(plain.graph, nodes=tuple(nodes), constants=constants))
        assert lowered_by(example) == ([NAME] if op == "Reshape" else []), op


def test_leaves_floats_and_the_last_dimensions_alone() -> None:
    assert lowered_by(one_op("Transpose", ints(2, 3, 4).astype(np.float32), i32(0, 2, 1), constant=[1])) == []
    assert lowered_by(on_cast("Sum", (2, 3, 4), i32(2))) == []
    assert lowered_by(on_cast("Transpose", (2, 4), i32(1, 0))) == []
