from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Graph

EXAMPLES = st.builds(
    lambda shape, seed, source, target: one_op(
        "Cast", (ints(*shape, seed=seed, low=-70000, high=70000) / (8 if seed % 2 else 1)).astype(source), DstT=target
    ),
    shapes(0, 5),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "float32"]),
    st.sampled_from(["int8", "uint8", "int16", "uint16"]),
)
CORNERS = (
    one_op("Cast", np.int32([0, 127, 128, -128, -129, 255, 256, -1, 65535, -65536]), DstT="int8"),
    one_op("Cast", np.int32([0, 127, 128, -128, -129, 255, 256, -1, 65535, -65536]), DstT="uint8"),
    one_op("Cast", np.int32([0, 32767, 32768, -32768, -32769, 65535, 65536, -1]), DstT="int16"),
    one_op("Cast", np.int32([0, 32767, 32768, -32768, -32769, 65535, 65536, -1]), DstT="uint16"),
    one_op("Cast", np.float32([0.9, -0.9, 7.7, -7.7, 255.9, 256.1, 300.7, -300.2]), DstT="uint8"),
    one_op("Cast", np.int8([0, 5, -1, -128]), DstT="uint8"),
    one_op("Cast", np.uint8([0, 5, 128, 255]), DstT="int8"),
    one_op("Cast", ints(2, 3, low=-999, high=999), unknown={0: [0]}, DstT="int8"),
    one_op("Cast", floats(0, 3), DstT="uint8"),
)


@FEW
@given(EXAMPLES)
def test_it_wraps(example: Example) -> None:
    assert_right_in_tensorflow(example, "narrowing_cast")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "narrowing_cast")


def test_leaves_alone_what_cannot_go_beyond() -> None:
    assert lowered_by(one_op("Cast", np.array([True, False]), DstT="uint8")) == []
    assert lowered_by(one_op("Cast", np.uint8([1, 255]), DstT="int32")) == []
    assert lowered_by(one_op("Cast", ints(3), DstT="int32")) == []
    assert lowered_by(clipped(-128, 127, "int8")) == []
    assert lowered_by(clipped(0, 255, "uint8")) == []


def test_a_clip_that_is_too_wide_does_not_help() -> None:
    assert lowered_by(clipped(0, 256, "uint8")) == ["narrowing_cast"]
    assert lowered_by(clipped(-1, 255, "uint8")) == ["narrowing_cast"]
    assert lowered_by(clipped(0, 255, "int8")) == ["narrowing_cast"]


def clipped(low: float, high: float, target: str) -> Example:
    """Keras' saturate_cast."""
    example = one_op("Cast", floats(2, 3, low=-500, high=500), DstT=target)
    clip = one_op("ClipByValue", floats(2, 3), np.float32(low), np.float32(high), constant=[1, 2])
    nodes = (
        *(replace(n, name="clip", inputs=("input0", "input1", "input2")) if n.name == "op" else n for n in clip.graph),
        replace(example.graph["op"], inputs=("clip",)),
    )
    return replace(example, graph=Graph(nodes=nodes, outputs=("op",), constants=clip.graph.constants))
