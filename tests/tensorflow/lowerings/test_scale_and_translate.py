from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused

from tfjsci.graph.graph import Constant, DType, Graph, Node, ShapeAttr
from tfjsci.rewrite.formulas.sampling_kernels import KERNELS


def scaled(
    images: object,
    size: tuple[int, int],
    scale: tuple[float, float],
    shift: tuple[float, float] = (0.0, 0.0),
    kernel: str = "lanczos3",
    antialias: bool = True,
    **options: object,
) -> Example:
    return one_op(
        "ScaleAndTranslate", images, np.int32(size), np.float32(scale), np.float32(shift),
        constant=[1, 2, 3], kernel_type=kernel, antialias=antialias, **options,
    )  # fmt: skip


PAIRS = st.tuples(st.floats(0.3125, 3, width=32), st.floats(0.3125, 3, width=32))
SHIFTS = st.tuples(st.floats(-4, 4, width=32), st.floats(-4, 4, width=32))
EXAMPLES = st.builds(
    lambda old, new, scale, shift, kernel, antialias, seed: scaled(
        floats(1, *old, 2, seed=seed), new, scale, shift, kernel, antialias
    ),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    PAIRS,
    SHIFTS,
    st.sampled_from(sorted(KERNELS)),
    st.booleans(),
    st.integers(0, 99),
)


def resized_by_keras() -> Example:
    """The scale divides by a size that is known, of a Shape that isn't: the batch is open."""
    images = floats(2, 7, 9, 3)
    i, f = DType("int32"), DType("float32")
    constants = {
        "size": np.int32([4, 5]), "wanted": np.float32([4, 5]), "one": np.int32([1]), "three": np.int32([3]),
        "shift": np.zeros(2, np.float32),
    }  # fmt: skip
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    nodes = (
        Node(name="x", op="Placeholder", attrs={"dtype": f, "shape": ShapeAttr((None, 7, 9, 3))}),
        *(Node(name=n, op="Const", attrs={"dtype": DType(v.dtype.name)}) for n, v in constants.items()),
        Node(name="shape", op="Shape", inputs=("x",), attrs={"T": f, "out_type": i}),
        Node(
            name="hw",
            op="StridedSlice",
            inputs=("shape", "one", "three", "one"),
            attrs={"T": i, "Index": i, **masks},
        ),
        Node(name="old", op="Cast", inputs=("hw",), attrs={"SrcT": i, "DstT": f, "Truncate": False}),
        Node(name="scale", op="RealDiv", inputs=("wanted", "old"), attrs={"T": f}),
        Node(
            name="op",
            op="ScaleAndTranslate",
            inputs=("x", "size", "scale", "shift"),
            attrs={"T": f, "kernel_type": b"triangle", "antialias": True},
        ),
    )
    graph = Graph(nodes=nodes, outputs=("op",), constants={n: Constant(value=v) for n, v in constants.items()})
    return Example(graph=graph, inputs={"x": images}, text="as Keras resizes")


CORNERS = (
    *(
        scaled(floats(1, 7, 5, 2), (3, 8), (3 / 7, 8 / 5), kernel=name, antialias=i % 2 == 0)
        for i, name in enumerate(KERNELS)
    ),
    scaled(floats(2, 7, 5, 2), (3, 8), (3 / 7, 8 / 5), (1.5, -2.0), unknown={0: [0]}),
    scaled(ints(1, 4, 5, 3, low=0, high=255).astype(np.uint8), (2, 2), (0.5, 0.4), kernel="triangle"),
    resized_by_keras(),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_product_with_weights(example: Example) -> None:
    assert_right_in_tensorflow(example, "scale_and_translate")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "scale_and_translate")


def test_declines_a_scale_of_the_run() -> None:
    images, size, ones = floats(1, 4, 5, 2), np.int32([8, 10]), np.ones(2, np.float32)
    assert "no such op" in refused(one_op("ScaleAndTranslate", images, size, ones, ones, constant=[1, 3]))
    assert "no such op" in refused(scaled(images, (8, 10), (2.0, 2.0), unknown={0: [1]}))
