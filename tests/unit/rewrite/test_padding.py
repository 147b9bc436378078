"""Whether a convolution pads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.rewrite.padding import pads


def graph_of(size: int | None, taps: int, **attrs: Any) -> Graph:
    draft = Draft()
    draft.conv("y", draft.input("x", (None, size, size, 2)), draft.const("w", np.ones((taps, taps, 2, 3))), **attrs)
    return draft.graph("y", types={"x": TensorType(dtype="float32", shape=(None, size, size, 2))})


def padded(graph: Graph) -> bool:
    reason = pads(graph, graph["y"], graph.constants["w"].value)
    assert reason in (None, "the convolution pads")
    return reason is not None


@pytest.mark.parametrize("taps", [1, 2, 3])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("size", [4, 5, 6, 7])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_pads_where_a_window_sticks_out(size: int, strides: int, taps: int, dilation: int) -> None:
    graph = graph_of(size, taps, strides=strides, dilations=(1, dilation, dilation, 1))
    reach = (taps - 1) * dilation + 1
    last = (-(-size // strides) - 1) * strides + reach  # where the last window ends, were the first at the border
    assert padded(graph) == (last > size)


def test_same_pads_a_size_that_is_not_known_unless_the_kernel_is_one_value() -> None:
    assert padded(graph_of(None, 2))
    assert not padded(graph_of(None, 1, strides=2))


def test_valid_and_explicit() -> None:
    assert not padded(graph_of(None, 3, padding="VALID"))
    assert padded(graph_of(6, 1, padding="EXPLICIT", explicit_paddings=(0, 0, 1, 0, 0, 0, 0, 0)))
    assert not padded(graph_of(6, 3, padding="EXPLICIT", explicit_paddings=(0,) * 8))


@pytest.mark.parametrize(("taps", "strides", "even"), [(1, 1, True), (1, 2, False), (2, 1, False), (2, 2, False)])
def test_a_transposed_convolution_is_even_where_each_value_meets_one_weight(
    taps: int, strides: int, even: bool
) -> None:
    draft = Draft()
    w, sizes = draft.const("w", np.ones((taps, taps, 3, 2))), draft.const("n", np.array([1, 4, 4, 3], np.int32))
    y = draft.typed(
        "Conv2DBackpropInput", "y", sizes, w, draft.input("x"), strides=(1, strides, strides, 1), padding=b"VALID"
    )
    graph = draft.graph(y)
    assert (pads(graph, graph["y"], graph.constants["w"].value) is None) == even


def test_a_product_pads_nothing() -> None:
    draft = Draft()
    graph = draft.graph(draft.matmul("y", draft.input("x"), draft.const("w", np.ones((2, 3)))))
    assert pads(graph, graph["y"], graph.constants["w"].value) is None
