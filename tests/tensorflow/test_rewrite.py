"""The stages together, with TensorFlow as the evaluator: what is folded, what isn't, and that the numbers stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fused_reference import assert_same_numbers, outputs_of
from graph_draft import Draft, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.graph.graphdef import SMALL_BYTES, infer_types
from tfjsci.graph.show import show
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.fold_constants import FOLDABLE_DTYPES, NotComputable, _may_fold, fold_constants
from tfjsci.rewrite.pipeline import RULES, STAGES, rewrite
from tfjsci.rewrite.stage import Means, RewrittenGraph

HARMLESS = {"CheckNumerics", "CheckNumericsV2", "DeepCopy", "GuaranteeConst", "DebugIdentityV2", "DebugIdentityV3"}
"""Stateful by TensorFlow's book, and yet their output is their input."""


def rewritten(graph: Graph) -> Graph:
    return rewrite(graph, evaluate=evaluate_in_tensorflow, infer=infer_types).graph


def keras_norm(draft: Draft, name: str, x: str, channels: int, *, seed: int) -> str:
    """Batch norm as Keras 3 writes it: x * (gamma / sqrt(variance + e)) + (beta - mean * that)."""
    gamma, beta, mean, variance = (
        draft.const(f"{name}/{part}", np.abs(weights(channels, seed=seed + i)))
        for i, part in enumerate(("gamma", "beta", "mean", "variance"))
    )
    epsilon = draft.const(f"{name}/epsilon", 1e-3, sources=())
    root = draft.typed("Rsqrt", f"{name}/Rsqrt", draft.typed("AddV2", f"{name}/add", variance, epsilon))
    factor = draft.typed("Mul", f"{name}/mul", root, gamma)
    shift = draft.typed("Sub", f"{name}/sub", beta, draft.typed("Mul", f"{name}/mul_2", mean, factor))
    return draft.typed("AddV2", f"{name}/out", draft.typed("Mul", f"{name}/mul_1", x, factor), shift)


def small_net() -> Graph:
    """A stem, a separable block with a residual, and a head with two outputs."""
    draft = Draft()
    x = draft.input("image", (None, 8, 8, 3))
    y = draft.conv("stem", x, draft.const("stem/kernel", weights(3, 3, 3, 4)), strides=2)
    y = draft.typed("Relu6", "stem/relu", keras_norm(draft, "stem/bn", y, 4, seed=10))
    z = draft.depthwise("block", y, draft.const("block/kernel", weights(3, 3, 4, 2)))
    z = draft.typed("Relu", "block/relu", keras_norm(draft, "block/bn", z, 8, seed=20))
    z = draft.conv("project", z, draft.const("project/kernel", weights(1, 1, 8, 4)))
    z = keras_norm(draft, "project/bn", z, 4, seed=30)
    y = draft.typed("AddV2", "residual", y, z)
    axes = draft.const("axes", np.array([1, 2], np.int32))
    pooled = draft.typed("Mean", "pool", y, axes, keep_dims=False, Tidx=draft.nodes[-1].attrs["dtype"])
    logits = draft.matmul("head", pooled, draft.const("head/kernel", weights(4, 5)))
    logits = draft.bias_add("head/biased", logits, draft.const("head/bias", weights(5)))
    return draft.graph(draft.typed("Identity", "logits", logits), draft.typed("Softmax", "probabilities", logits))


def test_a_net_with_batch_norm_becomes_few_fused_ops() -> None:
    assert show(rewritten(small_net())) == (
        "image = Placeholder()\n"
        "stem/relu = _FusedConv2D(image, stem/kernel, stem/bn/beta)\n"
        "block/relu = FusedDepthwiseConv2dNative(stem/relu, block/kernel, block/bn/beta)\n"
        "project/bn/out = _FusedConv2D(block/relu, project/kernel, project/bn/beta)\n"
        "residual = AddV2(stem/relu, project/bn/out)\n"
        "pool/avgpool = AvgPool(residual)\n"
        "pool = Squeeze(pool/avgpool)\n"
        "head/biased = _FusedMatMul(pool, head/kernel, head/bias)\n"
        "probabilities = Softmax(head/biased)\n"
        "-> head/biased, probabilities"
    )


def test_and_keeps_the_numbers() -> None:
    before = small_net()
    x = np.random.default_rng(1).normal(size=(2, 8, 8, 3)).astype(np.float32)
    assert_same_numbers(before, rewritten(before), rtol=2e-6, image=x)


def test_a_folded_weight_remembers_all_that_it_was_made_of() -> None:
    constants = rewritten(small_net()).constants
    assert set(constants["stem/kernel"].sources) == {"stem/kernel", "stem/bn/gamma", "stem/bn/variance"}
    assert set(constants["stem/bn/beta"].sources) == {
        f"stem/bn/{part}" for part in ("beta", "mean", "gamma", "variance")
    }


def test_the_graph_handed_in_is_as_it_was() -> None:
    before = small_net()
    wanted = show(before, attrs=True, constants=True), {n: c.value.tolist() for n, c in before.constants.items()}
    rewritten(before)
    assert wanted == (
        show(before, attrs=True, constants=True),
        {n: c.value.tolist() for n, c in before.constants.items()},
    )


def exactly_rewritten(graph: Graph) -> Graph:
    """All the stages but the one that carries float64 in float32: so that float noise is far below any slip."""
    means = Means(evaluate=evaluate_in_tensorflow, infer=infer_types)
    so_far = RewrittenGraph(graph=graph, applied={}, refusals=())
    for stage in STAGES:
        if stage.name != "floats":
            so_far = stage.run(so_far, means)
    return so_far.graph


LAYERS = st.lists(
    st.sampled_from(["conv", "depthwise", "norm", "scale", "shift", "scalar", "bias", "Relu", "Sigmoid", "tap", "pad"]),
    min_size=1,
    max_size=10,
)


@given(LAYERS, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_any_stack_of_layers_keeps_its_numbers(layers: list[str], seed: int) -> None:
    """Taps are outputs in the middle, which no rule may rewrite away."""
    draft = Draft("float64")
    x = draft.input("x", (None, 5, 5, 2))
    taps: list[str] = []
    for i, layer in enumerate(layers):
        name = f"n{i}"
        small = weights(2, seed=seed + i)
        if layer == "conv":
            padding = ("SAME", "VALID")[(seed + i) % 2] if i else "VALID"
            x = draft.conv(name, x, draft.const(f"w{i}", weights(1, 2, 2, 2, seed=seed) / 4), padding=padding)
        elif layer == "depthwise":
            x = draft.depthwise(name, x, draft.const(f"w{i}", weights(1, 1, 2, 1, seed=seed)))
        elif layer == "norm":
            x = keras_norm(draft, name, x, 2, seed=seed)
        elif layer in ("scale", "shift"):
            x = draft.typed("Mul" if layer == "scale" else "AddV2", name, draft.const(f"c{i}", small), x)
        elif layer == "scalar":
            x = draft.typed("AddV2", name, x, draft.const(f"c{i}", 0.5))
        elif layer == "bias":
            x = draft.bias_add(name, x, draft.const(f"b{i}", small))
        elif layer == "pad":
            paddings = np.array([(0, 0), (0, 1), (1, 1), (0, 0)], np.int32)
            x = draft.typed("Pad", name, x, draft.const(f"p{i}", paddings))
        elif layer == "tap":
            taps.append(x)
        else:
            x = draft.typed(layer, name, x)
    before = draft.graph(*dict.fromkeys([x, *taps]))
    data = np.random.default_rng(seed).normal(size=(1, 5, 5, 2))
    if any(dimension == 0 for value in outputs_of(before, x=data) for dimension in value.shape):
        return
    assert_same_numbers(before, exactly_rewritten(before), rtol=1e-10, x=data)


class TestFolding:
    @staticmethod
    def folded(graph: Graph) -> Graph:
        return fold_constants(replace(graph, types=infer_types(graph)), evaluate_in_tensorflow)

    def test_strings_are_left_alone(self) -> None:
        draft = Draft("string")
        words = draft.const("words", np.array([b"a", b"b"], dtype=object))
        graph = draft.graph(draft.typed("Identity", "y", draft.op("StringLower", "lower", words, encoding=b"")))
        assert show(self.folded(graph)) == show(graph)

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "int64", "bool"])
    def test_other_dtypes_are_folded_as_they_are(self, dtype: str) -> None:
        draft = Draft(dtype)
        value = np.array([1, 0, 1]).astype(tensorflow().as_dtype(dtype).as_numpy_dtype)
        draft.constants["c"] = draft.constants[draft.const("c", value)]
        paddings = draft.const("p", np.array([[0, 1]], np.int32))
        after = self.folded(draft.graph(draft.typed("Pad", "y", "c", paddings)))
        assert after.constants["y"].value.dtype.name == dtype
        assert after.constants["y"].value.astype(int).tolist() == [1, 0, 1, 0]

    def test_each_output_of_an_unpacked_weight(self) -> None:
        draft = Draft()
        draft.typed("Unpack", "u", draft.const("w", [[1.0, 2.0], [3.0, 4.0]]), num=2, axis=0)
        x = draft.input("x", (2,))
        after = self.folded(draft.graph(draft.typed("Mul", "y", x, "u"), draft.typed("Mul", "z", x, "u:1")))
        assert [v.tolist() for v in outputs_of(after, x=np.ones(2, np.float32))] == [[1, 2], [3, 4]]
        assert "u" not in after

    def test_a_large_weight_is_fed(self) -> None:
        draft = Draft()
        large = np.arange(SMALL_BYTES, dtype=np.float64)
        after = self.folded(draft.graph(draft.typed("Neg", "y", draft.const("w", large))))
        assert after.constants["y"].value.tolist() == (-large).tolist()
        assert after.constants["y"].sources == ("w",)

    def test_what_cannot_be_computed_stays(self) -> None:
        draft = Draft()
        ten = draft.const("ten", np.array(10, np.int32))
        axis = draft.const("axis", np.array(0, np.int32))
        int32 = draft.nodes[-1].attrs["dtype"]
        w = draft.const("w", [1.0, 2.0])
        draft.op("GatherV2", "beyond", w, ten, axis, Tparams=int32, Tindices=int32, Taxis=int32, batch_dims=0)
        draft.nodes[-1] = replace(
            draft.nodes[-1], attrs={**draft.nodes[-1].attrs, "Tparams": draft.nodes[2].attrs["dtype"]}
        )
        graph = draft.graph("beyond", draft.typed("Neg", "fine", w))
        after = self.folded(graph)
        assert (after["beyond"].op, after.constants["fine"].value.tolist()) == ("GatherV2", [-1.0, -2.0])
        with pytest.raises(NotComputable, match="not in \\[0, 2\\)"):
            evaluate_in_tensorflow(graph, ["beyond"])

    def test_no_stateful_op_of_tensorflow_would_be_run(self) -> None:
        """Whatever keeps state, draws numbers or runs code, and could be fed with plain constants."""
        run = sorted(name for name in stateful_ops() if name not in HARMLESS and would_fold(name))
        assert run == []

    def test_and_the_list_of_them_is_not_empty(self) -> None:
        assert {"RandomUniform", "PyFunc", "RandomPoissonV2", "UniformCandidateSampler"} <= set(stateful_ops())
        assert would_fold("Neg")


def would_fold(op: str) -> bool:
    draft = Draft()
    node = draft.op(op, "n", draft.const("c", 1.0))
    graph = draft.graph(node, types={"n": TensorType(dtype="float32", shape=())})
    return _may_fold(graph, graph[node])


def stateful_ops() -> list[str]:
    """TensorFlow's stateful ops that take and give nothing but plain tensors."""
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session

    tf = tensorflow()
    every = op_def_pb2.OpList()
    every.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    handles = {tf.resource.as_datatype_enum, tf.variant.as_datatype_enum}
    strings = {tf.string.as_datatype_enum}

    def plain(op: Any) -> bool:
        first = op.output_arg[0]
        fed = all(arg.type not in handles | strings and not arg.is_ref for arg in op.input_arg)
        return fed and not first.is_ref and first.type not in handles | strings

    return [op.name for op in every.op if op.is_stateful and op.input_arg and op.output_arg and plain(op)]


def test_the_foldable_dtypes_are_tensorflows() -> None:
    tf = tensorflow()
    assert {tf.as_dtype(name).name for name in FOLDABLE_DTYPES} == FOLDABLE_DTYPES


def test_each_rule_has_an_equation_and_shares_its_name_only_with_other_patterns_of_it() -> None:
    assert all("->" in rule.equation for rule in RULES)
    assert len({(rule.name, rule.equation, rule.where) for rule in RULES}) == len({rule.name for rule in RULES})
