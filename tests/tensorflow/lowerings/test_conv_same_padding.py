from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, rewritten


def conv(
    height: int, width: int, k: tuple[int, int], stride: tuple[int, int], *, op: str = "Conv2D", seed: int = 0
) -> Example:
    x, w = floats(1, height, width, 3, seed=seed), floats(*k, 3, 2, seed=seed)
    return one_op(op, x, w, constant=[1], strides=(1, *stride, 1), padding="SAME")


EXAMPLES = st.one_of(
    st.builds(
        lambda rows, width, k, s, seed: conv(rows * s, width, (k, 3), (s, 1), seed=seed),
        st.integers(2, 3), st.integers(2, 6), st.integers(1, 2), st.integers(3, 4), st.integers(0, 99),
    ),
    st.builds(
        lambda rows, columns, k, seed: conv(rows * 4, columns * 4, (k, 3), (4, 4), op="DepthwiseConv2dNative", seed=seed),
        st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.integers(0, 99),
    ),
)  # fmt: skip
CORNERS = (
    conv(8, 5, (3, 3), (4, 4)),
    conv(6, 4, (1, 4), (3, 1)),
    conv(8, 8, (3, 3), (4, 4), op="DepthwiseConv2dNative"),
    one_op(
        "Conv2D", floats(2, 8, 8, 3), floats(2, 2, 3, 4), constant=[1], unknown={0: [0]}, strides=(1, 4, 4, 1), padding="SAME"
    ),
)  # fmt: skip


@FEW
@given(EXAMPLES)
def test_the_paddings_are_written_out(example: Example) -> None:
    assert_right_in_tensorflow(example, "conv_same_padding")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_both_ops(example: Example) -> None:
    assert_right_in_tensorflow(example, "conv_same_padding")


def test_padding_valid_where_nothing_is_added() -> None:
    (node,) = (node for node in rewritten(conv(8, 8, (3, 3), (4, 4))).graph if node.op == "Conv2D")
    assert node.attrs["padding"] == b"VALID"


@pytest.mark.parametrize(
    "example",
    [
        conv(7, 7, (3, 3), (2, 2)),
        conv(9, 5, (3, 3), (4, 4)),  # a row of padding on each side
        conv(6, 6, (1, 1), (2, 2)),  # one tap: a product of matrices, which wasm does right
        one_op("Conv2D", floats(1, 8, 8, 3), floats(3, 3, 3, 2), constant=[1], strides=(1, 4, 4, 1), padding="VALID"),
    ],
    ids=str,
)
def test_leaves_alone_what_wasm_pads_right(example: Example) -> None:
    assert lowered_by(example) == []


def test_leaves_other_backends_alone() -> None:
    x, w = floats(1, 8, 8, 3), floats(3, 3, 3, 2)
    plain = one_op(
        "Conv2D", x, w, constant=[1], strides=(1, 4, 4, 1), padding="SAME", backends=("webgl", "webgpu", "cpu")
    )
    assert lowered_by(plain) == []
