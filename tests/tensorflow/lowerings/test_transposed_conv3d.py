from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused, rewritten

from tfjsci.graph.graph import Array


def with_zeros(kernel: Array, dilations: tuple[int, int, int]) -> Array:
    sizes = [(n - 1) * d + 1 for n, d in zip(kernel.shape, dilations, strict=False)]
    spread = np.zeros((*sizes, *kernel.shape[3:]), kernel.dtype)
    spread[tuple(slice(None, None, d) for d in dilations)] = kernel
    return spread


def transposed(
    k: tuple[int, int, int],
    strides: tuple[int, int, int],
    *,
    padding: str = "SAME",
    dilations: tuple[int, int, int] = (1, 1, 1),
    more: int = 0,
    size: tuple[int, int, int] = (2, 3, 3),
    seed: int = 0,
    constant: tuple[int, ...] = (0, 1),
    unknown: tuple[int, ...] = (),
) -> Example:
    """``more`` values at each end than need be (Keras: output_padding)."""
    x, w = floats(2, *size, 2, seed=seed), floats(*k, 3, 2, seed=seed)
    extents = [(n - 1) * d + 1 for n, d in zip(k, dilations, strict=True)]
    if padding == "SAME":
        sizes = [n * s - more for n, s in zip(size, strides, strict=True)]
    else:
        sizes = [(n - 1) * s + e + more for n, s, e in zip(size, strides, extents, strict=True)]
    shape = np.array([2, *sizes, 3], np.int32)
    attrs = {"strides": (1, *strides, 1), "padding": padding}
    wanted = one_op("Conv3DBackpropInputV2", shape, with_zeros(w, dilations), x, **attrs).reference()
    return one_op(
        "Conv3DBackpropInputV2", shape, w, x, constant=constant, unknown={2: unknown}, dilations=(1, *dilations, 1),
        expected=wanted, **attrs,
    )  # fmt: skip


SMALL = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))


@st.composite
def examples(draw: st.DrawFn) -> Example:
    k, strides = draw(SMALL), draw(SMALL)
    more = draw(st.integers(0, 1))
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    assume(not more or min(strides) > 1)
    return transposed(k, strides, padding=padding, more=more, seed=draw(st.integers(0, 99)))


EXAMPLES = examples()
CORNERS = (
    transposed((2, 2, 2), (2, 2, 2), padding="VALID", unknown=(0,)),
    transposed((3, 3, 3), (2, 2, 2), unknown=(0,)),
    transposed((4, 4, 4), (2, 2, 2), size=(1, 2, 3)),
    transposed((3, 3, 3), (1, 1, 1)),
    transposed((1, 1, 1), (2, 1, 3)),
    transposed((3, 2, 1), (1, 2, 3), padding="VALID", more=0),
    transposed((3, 3, 3), (2, 2, 2), padding="VALID", more=1),
    transposed((2, 3, 2), (1, 1, 1), dilations=(2, 1, 3)),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_convolution_into_blocks(example: Example) -> None:
    assert_right_in_tensorflow(example, "transposed_conv3d")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_sizes_strides_and_dilations(example: Example) -> None:
    assert_right_in_tensorflow(example, "transposed_conv3d")


def ops_of(example: Example) -> list[str]:
    return [node.op for node in rewritten(example).graph if node.op not in ("Const", "Placeholder")]


def test_nothing_is_padded_or_cropped_without_need() -> None:
    assert [op for op in ops_of(transposed((2, 2, 2), (2, 2, 2), padding="VALID")) if op != "Reshape"] == [
        "Conv3D", "Transpose", "Transpose",
    ]  # fmt: skip
    assert ops_of(transposed((3, 3, 3), (1, 1, 1))) == ["Conv3D"]


def test_declines_a_kernel_of_the_run_and_open_sizes() -> None:
    assert "no such op" in refused(transposed((2, 2, 2), (2, 2, 2), constant=(0,)))
    assert "no such op" in refused(transposed((2, 2, 2), (2, 2, 2), unknown=(1,)))


def test_the_kernel_remembers_its_variable() -> None:
    from dataclasses import replace

    example = transposed((2, 2, 2), (2, 2, 2))
    constants = {**example.graph.constants}
    constants["input1"] = replace(constants["input1"], sources=("up/kernel",))
    graph = rewritten(replace(example, graph=replace(example.graph, constants=constants))).graph
    assert graph.constants["up/kernel"].value.shape == (1, 1, 1, 2, 24)
