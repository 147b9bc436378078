from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused, rewritten

from tfjsci.graph.graph import Array

LAST_OF = {"NCHW": "NHWC", "NCDHW": "NDHWC"}


def first(x: Array) -> Array:
    return np.moveaxis(x, -1, 1)


def last_numbers(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (numbers[0], *numbers[2:], numbers[1])


def both_ways(
    op: str, *inputs: Array, form: str = "NCHW", constant: tuple[int, ...] = (1, 2, 3, 4), image: int = 0, **attrs: Any
) -> Example:
    """The op channels first; what is expected is what TensorFlow makes of the same image with its channels last."""
    given_last = {
        k: last_numbers(v) if k in ("strides", "dilations", "ksize") else v for k, v in attrs.items() if k != "unknown"
    }
    if pads := attrs.get("explicit_paddings"):
        given_last["explicit_paddings"] = (*pads[:2], *pads[4:], *pads[2:4])
    turned = [np.ascontiguousarray(np.moveaxis(x, 1, -1)) if i == image else x for i, x in enumerate(inputs)]
    if image == 2:
        turned[0] = np.array(last_numbers(tuple(inputs[0])), np.int32)
    wanted = one_op(op, *turned, data_format=LAST_OF[form], **given_last).reference()[0]
    kept = tuple(i for i in constant if i < len(inputs) and i != image)
    return one_op(op, *inputs, data_format=form, constant=kept, expected=[first(wanted)], **attrs)


def conv(seed: int, size: tuple[int, int], strides: int, dilation: int, padding: str) -> Example:
    x, w = floats(2, 3, *size, seed=seed), floats(3, 2, 3, 4, seed=seed)
    explicit = {"explicit_paddings": (0, 0, 0, 0, 1, 2, 0, 1)} if padding == "EXPLICIT" else {}
    return both_ways(
        "Conv2D",
        x,
        w,
        strides=(1, 1, strides, strides),
        dilations=(1, 1, dilation, dilation),
        padding=padding,
        **explicit,
    )


def pool(op: str, seed: int, size: tuple[int, int], k: int, strides: int, padding: str) -> Example:
    return both_ways(
        op, floats(2, 3, *size, seed=seed), ksize=(1, 1, k, 2), strides=(1, 1, strides, 1), padding=padding
    )


SEEDS = st.integers(0, 99)
SIZES = st.tuples(st.integers(5, 8), st.integers(5, 8))
SMALL = st.integers(1, 3)
PADDINGS = st.sampled_from(["SAME", "VALID", "EXPLICIT"])

EXAMPLES = st.one_of(
    st.builds(conv, SEEDS, SIZES, st.sampled_from([2, 3]), st.just(1), PADDINGS),
    st.builds(conv, SEEDS, SIZES, st.just(1), st.sampled_from([1, 2]), PADDINGS),
    st.builds(
        pool, st.sampled_from(["MaxPool", "AvgPool"]), SEEDS, SIZES, SMALL, SMALL, st.sampled_from(["SAME", "VALID"])
    ),
)

NORM = tuple(floats(3, seed=i, low=0.2, high=2) for i in range(4))
POOL3D: dict[str, Any] = {"ksize": (1, 1, 2, 1, 2), "strides": (1, 1, 1, 2, 2), "padding": "SAME", "form": "NCDHW"}

CORNERS = (
    both_ways("DepthwiseConv2dNative", floats(2, 3, 5, 6), floats(3, 2, 3, 2), strides=(1, 1, 2, 2), padding="SAME"),
    both_ways(
        "Conv2DBackpropInput", np.array([2, 3, 6, 8], np.int32), floats(3, 2, 3, 4), floats(2, 4, 3, 4),
        strides=(1, 1, 2, 2), padding="SAME", image=2, constant=(0, 1),
    ),
    both_ways(
        "Conv2DBackpropInput", np.array([2, 3, 6, 8], np.int32), floats(3, 2, 3, 4), floats(2, 4, 3, 4),
        strides=(1, 1, 2, 2), padding="SAME", image=2, constant=(1,), unknown={2: [0]},
    ),
    both_ways("Conv3D", floats(1, 2, 3, 4, 5), floats(2, 1, 2, 2, 3), strides=(1, 1, 1, 2, 2), padding="SAME", form="NCDHW"),
    both_ways("MaxPool3D", floats(1, 2, 3, 4, 5, high=-1), **POOL3D),
    both_ways("AvgPool3D", floats(1, 2, 3, 4, 5), **POOL3D),
    both_ways("FusedBatchNormV3", floats(2, 3, 4, 5), *NORM, epsilon=0.01, is_training=False, unknown={0: [0]}),
    both_ways("FusedBatchNorm", floats(2, 3, 4, 5), *NORM, epsilon=0.1, is_training=False),
    both_ways("FusedBatchNormV3", floats(2, 3, 2, 4, 5), *NORM, form="NCDHW", epsilon=0.01, is_training=False),
    both_ways("SpaceToDepth", floats(2, 3, 4, 6), block_size=2),
    both_ways("DepthToSpace", floats(2, 12, 2, 3), block_size=2, unknown={0: [0]}),
    both_ways("MaxPool", floats(2, 3, 4, 5), ksize=(1, 1, 2, 2), strides=(1, 1, 2, 2), padding="VALID", unknown={0: [0, 2, 3]}),
)  # fmt: skip


@FEW
@given(EXAMPLES)
def test_it_is_the_op_with_channels_last(example: Example) -> None:
    assert_right_in_tensorflow(example, "channels_first")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_every_op_that_reads_a_data_format(example: Example) -> None:
    assert_right_in_tensorflow(example, "channels_first")


def test_training_is_lowered_behind_it() -> None:
    norm = both_ways("FusedBatchNormV3", floats(2, 3, 4, 5), *NORM, epsilon=0.01, is_training=True)
    assert lowered_by(norm) == ["channels_first", "batch_norm_training"]
    assert_right_in_tensorflow(norm, "channels_first")


def test_pool_sizes_that_are_inputs() -> None:
    x, k, s = floats(2, 3, 4, 5), np.array([1, 1, 2, 2], np.int32), np.array([1, 1, 1, 2], np.int32)
    wanted = one_op("MaxPool", np.moveaxis(x, 1, -1), ksize=(1, 2, 2, 1), strides=(1, 1, 2, 1), padding="SAME")
    example = one_op(
        "MaxPoolV2",
        x,
        k,
        s,
        constant=(1, 2),
        padding="SAME",
        data_format="NCHW",
        expected=[first(wanted.reference()[0])],
    )
    assert lowered_by(example) == ["max_pool", "channels_first"]
    assert_right_in_tensorflow(example, "channels_first")


def test_each_makes_two_transposes() -> None:
    graph = rewritten(conv(0, (5, 6), 2, 1, "SAME")).graph
    assert [node.op for node in graph if node.op not in ("Const", "Placeholder")] == [
        "Transpose",
        "Conv2D",
        "Transpose",
    ]


def test_leaves_channels_last_alone() -> None:
    x, w = floats(1, 5, 5, 3), floats(3, 3, 3, 4)
    assert lowered_by(one_op("Conv2D", x, w, constant=[1], strides=(1, 1, 1, 1), padding="SAME")) == []
    assert lowered_by(one_op("MaxPool", x, ksize=(1, 2, 2, 1), strides=(1, 2, 2, 1), padding="SAME")) == []


def test_leaves_a_backend_what_it_has() -> None:
    x, w = floats(1, 3, 5, 5), floats(3, 3, 3, 4)
    plain = {"constant": [1], "strides": (1, 1, 1, 1), "padding": "SAME", "data_format": "NCHW"}
    assert lowered_by(one_op("Conv2D", x, w, backends=("webgl",), **plain)) == []  # type: ignore[arg-type]
    assert lowered_by(one_op("Conv2D", x, w, backends=("wasm",), **plain)) == ["channels_first"]  # type: ignore[arg-type]


def test_channels_in_vectors_stay() -> None:
    pooled = one_op(
        "MaxPool", floats(1, 1, 4, 4, 4).astype(np.int8), ksize=(1, 1, 2, 2), strides=(1, 1, 2, 2), padding="VALID",
        data_format="NCHW_VECT_C",
    )  # fmt: skip
    assert "channels-last" in refused(pooled)
