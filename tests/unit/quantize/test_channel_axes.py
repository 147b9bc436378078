"""Channel axes by reader, and none where readers want different ones."""

from __future__ import annotations

from typing import Any

import pytest
from graph_draft import Draft, weights

from tfjsci.graph.graph import FunctionBody
from tfjsci.quantize.channels import channel_axes


def read_by(op: str, *shape: int, place: int = 1, **attrs: Any) -> tuple[int, ...] | None:
    """The axes of a weight of this shape that the op reads as its ``place``-th input."""
    draft = Draft()
    x, w = draft.input("x"), draft.const("w", weights(*shape))
    rest = (draft.const("n", 1),) if op == "GatherV2" else (x,) if "Backprop" in op or "Fused" in op else ()
    inputs = (x, w) if place else (w, x)
    return channel_axes(draft.graph(draft.op(op, "y", *inputs, *rest, **attrs)), "w")


@pytest.mark.parametrize("op", ["Conv2D", "_FusedConv2D"])
def test_of_a_convolution(op: str) -> None:
    assert read_by(op, 3, 3, 8, 16) == (3,)


@pytest.mark.parametrize("op", ["DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"])
def test_of_a_depthwise_convolution(op: str) -> None:
    assert read_by(op, 3, 3, 8, 2) == (2, 3)


def test_of_other_convolutions() -> None:
    assert read_by("Conv3D", 3, 3, 3, 8, 16) == (4,)
    assert read_by("Conv2DBackpropInput", 3, 3, 8, 16) == (2,)
    assert read_by("Conv3DBackpropInputV2", 3, 3, 3, 8, 16) == (3,)


@pytest.mark.parametrize("op", ["MatMul", "_FusedMatMul"])
def test_of_a_product(op: str) -> None:
    assert read_by(op, 8, 16) == (1,)
    assert read_by(op, 8, 16, transpose_b=True, transpose_a=False) == (0,)
    assert read_by(op, 8, 16, place=0) == (0,)
    assert read_by(op, 8, 16, place=0, transpose_a=True) == (1,)


def test_each_matrix_of_a_batch_has_its_own() -> None:
    assert read_by("BatchMatMulV2", 4, 8, 16) == (0, 2)
    assert read_by("BatchMatMulV2", 4, 8, 16, adj_y=True) == (0, 1)


def test_each_row_of_a_table() -> None:
    assert read_by("GatherV2", 100, 16, place=0, batch_dims=0) == (1,)  # the axis is the draft's constant 1
    assert read_by("Gather", 100, 16, place=0) == (0,)


def test_none_of_what_is_added_or_read_as_something_else() -> None:
    assert read_by("AddV2", 8, 16) is None
    assert read_by("Gather", 100, 16, place=1) is None


def test_readers_must_agree() -> None:
    draft = Draft()
    x, w = draft.input("x"), draft.const("w", weights(8, 8))
    first = draft.matmul("first", x, w)
    turned = draft.matmul("turned", x, w, transpose_b=True)
    assert channel_axes(draft.graph(first), "w") is None  # ``turned`` reads it as well
    assert turned in draft.graph(first)


def test_a_table_that_is_a_product_too_agrees_on_its_rows() -> None:
    draft = Draft()
    x, w = draft.input("x"), draft.const("w", weights(100, 8))
    draft.op("Gather", "rows", w, x)
    assert channel_axes(draft.graph(draft.matmul("logits", x, w, transpose_b=True)), "w") == (0,)


def test_an_output_has_none() -> None:
    draft = Draft()
    x, w = draft.input("x"), draft.const("w", weights(8, 8))
    assert channel_axes(draft.graph(draft.matmul("y", x, w), w), "w") is None


def test_in_functions_too() -> None:
    inside = Draft()
    x, w = inside.input("x"), inside.const("w", weights(8, 16))
    body = FunctionBody(name="body", inputs=(x,), graph=inside.graph(inside.matmul("y", x, w)))
    outside = Draft()
    graph = outside.graph(outside.op("While", "loop", outside.input("a")), functions={"body": body})
    assert channel_axes(graph, "w") == (1,)
    assert channel_axes(graph, "unheard of") is None


def test_of_what_is_made_of_weights_before_a_product() -> None:
    draft = Draft()
    x, pair = draft.input("x"), [draft.const(name, weights(3, 8)) for name in "vw"]
    both = draft.op("Pack", "both", *pair, axis=0, N=2)
    scaled = draft.op("Mul", "scaled", both, draft.const("c", weights(8)))
    cut = draft.op("Slice", "cut", scaled, draft.const("begin", [0, 0, 4]), draft.const("size", [-1, -1, 4]))
    graph = draft.graph(draft.op("BatchMatMulV2", "y", x, cut))
    assert [channel_axes(graph, name) for name in "vw"] == [(1,), (1,)]


@pytest.mark.parametrize("near_miss", ["another axis", "scaled by what isn't known", "also an output"])
def test_of_what_only_looks_like_it(near_miss: str) -> None:
    draft = Draft()
    x, pair = draft.input("x"), [draft.const(name, weights(3, 8)) for name in "vw"]
    both = draft.op("Pack", "both", *pair, axis=1 if near_miss == "another axis" else 0, N=2)
    factor = draft.input("c") if near_miss == "scaled by what isn't known" else draft.const("c", weights(8))
    y = draft.op("BatchMatMulV2", "y", x, draft.op("Mul", "scaled", both, factor))
    graph = draft.graph(y, *(["both"] if near_miss == "also an output" else []))
    assert channel_axes(graph, "v") is None
