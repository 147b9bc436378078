"""Fused ops taken apart: by what the runtime reads of them, and not at all where it would read nothing sensible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.unfused import unfused


def fused(op: str = "_FusedMatMul", *more: str, bias: Any = (1.0, 2.0), **attrs: Any) -> Graph:
    draft = Draft()
    inputs = [draft.input("x", (None, 3)), draft.const("w", weights(3, 2)), draft.const("b", np.asarray(bias))]
    inputs += [draft.const(name, weights(2)) for name in more]
    given = {"fused_ops": (b"BiasAdd",), "num_args": len(inputs) - 2, **attrs}
    return draft.graph(draft.op(op, "y", *inputs, T=DType("float32"), **given))


def test_a_bias() -> None:
    assert show(unfused(fused())) == ("x = Placeholder()\ny/linear = MatMul(x, w)\ny = BiasAdd(y/linear, b)\n-> y")


def test_an_activation_with_its_slope() -> None:
    apart = unfused(fused(fused_ops=(b"BiasAdd", b"LeakyRelu"), leakyrelu_alpha=0.3, transpose_b=True, epsilon=1.0))
    assert show(apart) == (
        "x = Placeholder()\ny/linear = MatMul(x, w)\ny/biased = BiasAdd(y/linear, b)\ny = LeakyRelu(y/biased)\n-> y"
    )
    assert apart["y"].attrs["alpha"] == 0.3
    assert dict(apart["y/linear"].attrs) == {"T": DType("float32"), "transpose_b": True}, "what the runtime reads"


def test_a_prelu_brings_its_slopes() -> None:
    apart = show(unfused(fused("_FusedMatMul", "alpha", fused_ops=(b"BiasAdd", b"Prelu"))))
    assert apart.splitlines()[-2:] == ["y = Sub(y/above, y/scaled)", "-> y"]
    assert "y/scaled = Mul(y/below, alpha)" in apart


def batches(bias: tuple[int, ...], **attrs: Any) -> Graph:
    draft = Draft()
    inputs = (draft.input("x", (2, 4, 3)), draft.input("w", (2, 3, 5)), draft.input("b", bias))
    given = {"fused_ops": (b"BiasAdd",), "num_args": 1, **attrs}
    draft.op("_FusedMatMul", "y", *inputs, T=DType("float32"), **given)
    types = {name: TensorType(dtype="float32", shape=shape) for name, shape in (("w", (2, 3, 5)), ("b", bias))}
    return draft.graph("y", types=types)


def test_matrices_and_what_is_spread_to_their_product() -> None:
    apart = unfused(batches((2, 4, 5), transpose_b=True))
    assert show(apart).splitlines()[-3:] == ["y/linear = BatchMatMulV2(x, w)", "y = AddV2(y/linear, b)", "-> y"]
    assert dict(apart["y/linear"].attrs) == {"T": DType("float32"), "adj_x": False, "adj_y": True}


def test_matrices_and_a_vector() -> None:
    assert show(unfused(batches((5,)))).splitlines()[-2] == "y = BiasAdd(y/linear, b)"


def norm(variance: Any, **attrs: Any) -> Graph:
    draft = Draft()
    inputs = [draft.input(name, (2, 3)) for name in ("x", "scale", "offset", "mean")]
    return draft.graph(draft.norm("y", *inputs, draft.const("variance", np.asarray(variance)), **attrs))


def test_a_batch_norm_whose_statistics_are_as_large_as_what_they_are_of() -> None:
    apart = unfused(norm([[0.25]], epsilon=0.0))
    assert show(apart).splitlines()[-5:] == [
        "y/centred = Sub(x, mean)",
        "y/scaled = Mul(y/centred, scale)",
        "y/even = RealDiv(y/scaled, y/root)",
        "y = AddV2(y/even, offset)",
        "-> y",
    ]
    assert apart.constants["y/root"].value.tolist() == [[0.5]]


def test_a_batch_norm_of_vectors_is_tensorflows_own() -> None:
    graph = norm([0.25, 1.0, 4.0])
    assert show(unfused(graph), attrs=True) == show(graph, attrs=True)


def test_a_graph_without_any_is_as_it_was() -> None:
    draft = Draft()
    graph = draft.graph(draft.typed("Relu", "y", draft.matmul("m", draft.input("x"), draft.const("w", weights(3, 2)))))
    assert show(unfused(graph), attrs=True) == show(graph, attrs=True)


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (fused(fused_ops=()), "it has no fused_ops"),
        (fused(fused_ops=(b"Relu",)), r"its fused_ops are \['Relu'\]"),
        (fused(fused_ops=(b"BiasAdd", b"Relu", b"Relu6")), "its fused_ops are"),
        (fused(fused_ops=(b"FusedBatchNorm",)), "its fused_ops are"),
        (fused(fused_ops=(b"BiasAdd", b"Tanh")), "there is no fused Tanh"),
        (fused(fused_ops=(b"BiasAdd", b"Prelu")), "it has 3 inputs and num_args 1"),
        (fused(num_args=2), "it has 3 inputs and num_args 2"),
        (fused(bias=[[1.0, 2.0]]), "its bias has 2 dimensions"),
        (
            fused("FusedDepthwiseConv2dNative", fused_ops=(b"BiasAdd", b"LeakyRelu")),
            "the depthwise op loses LeakyRelu's alpha",
        ),
    ],
)
def test_what_means_nothing_to_the_runtime(graph: Graph, why: str) -> None:
    with pytest.raises(NotComputable, match=f"{graph['y'].op} y means nothing to TensorFlow.js: .*{why}"):
        unfused(graph)
