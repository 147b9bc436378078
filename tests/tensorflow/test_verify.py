"""Rewriting verified in TensorFlow, as a run does it: real models, a rule that is made wrong, and what can't be verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fused_reference import outputs_of
from graph_draft import Draft, weights

from tfjsci.converter import Converted, convert
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.inputs.inputs import make_inputs
from tfjsci.rewrite import pipeline
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.pattern import Match
from tfjsci.rewrite.rule import Declined, Replacement
from tfjsci.rewrite.rules import fuse_activation
from tfjsci.verify.verification import Verification
from tfjsci.verify.verify import verify


def verified(converted: Converted) -> Verification:
    inputs = make_inputs(converted.inputs, files={}, shapes={}, batch=3, seed=0, ranges={})
    loaded = converted.loaded
    return verify(
        loaded.graph,
        converted.graph,
        inputs={node_of(spec.tensor): inputs.samples[0][spec.name] for spec in loaded.inputs},
        outputs=[spec.name for spec in loaded.outputs],
        means=converted.means,
    )


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Converted]:
    """A Keras model with statistics that aren't those of a new one, saved and converted."""

    def made(build: Callable[[Any, Any], Any], *, policy: str = "float32", **options: Any) -> Converted:
        k = keras()
        k.utils.set_random_seed(7)
        k.config.set_dtype_policy(policy)
        try:
            inputs = k.Input((12, 12, 3), name="images")
            model = k.Model(inputs, build(k, inputs))
            draw = np.random.default_rng(3)
            model.set_weights(
                [np.abs(w + draw.normal(0, 0.3, w.shape)) + 0.05 if w.ndim == 1 else w for w in model.get_weights()]
            )
            model.save(tmp_path / "m.keras")
        finally:
            k.config.set_dtype_policy("float32")
        return convert(tmp_path / "m.keras", backends=("webgl", "wasm"), **options)

    return made


def net(k: Any, x: Any) -> Any:
    x = k.layers.Conv2D(8, 3, strides=2, use_bias=False)(x)
    x = k.layers.ReLU(max_value=6.0)(k.layers.BatchNormalization()(x))
    x = k.layers.DepthwiseConv2D(3, padding="same")(x)
    x = k.layers.LeakyReLU(negative_slope=0.1)(k.layers.BatchNormalization()(x))
    x = k.layers.GlobalAveragePooling2D()(x)
    return k.layers.Dense(5)(k.layers.Dense(16, activation="relu")(x))


def test_a_net_keeps_its_numbers(saved: Callable[..., Converted]) -> None:
    converted = saved(net)
    assert converted.rewritten.counts["fuse_activation"] == 3
    found = verified(converted)
    assert found.status == "same", found
    assert 110 < (found.sqnr_db or 0) < 170


@pytest.mark.parametrize(("policy", "least"), [("mixed_float16", 50), ("mixed_bfloat16", 30), ("float64", 110)])
def test_and_one_that_computes_in_other_floats(saved: Callable[..., Converted], policy: str, least: float) -> None:
    found = verified(saved(net, policy=policy))
    assert found.status == "same", found
    assert (found.sqnr_db or 0) > least


def test_a_rule_that_is_made_wrong_is_found_by_its_name(
    saved: Callable[..., Converted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relu6 becomes a fused Relu: as long as nothing is above 6 nobody would see it."""

    def forgets_the_ceiling(match: Match) -> Replacement | Declined:
        done = fuse_activation.rewrite(match)
        if isinstance(done, Declined) or match.root.op != "Relu6":
            return done
        return replace(done, root=replace(done.root, attrs={**done.root.attrs, "fused_ops": (b"BiasAdd", b"Relu")}))

    wrong = replace(fuse_activation.RULE, rewrite=forgets_the_ceiling)
    fusing = pipeline.ruled("fusing", [wrong if rule.name == wrong.name else rule for rule in pipeline.FUSING])
    stages = tuple(fusing if stage.name == "fusing" else stage for stage in pipeline.STAGES)
    monkeypatch.setattr(pipeline, "STAGES", stages)

    def bright(k: Any, x: Any) -> Any:
        return net(k, k.layers.Rescaling(30.0)(x))

    found = verified(saved(bright))
    assert (found.status, found.stage, found.rules) == ("different", "fusing", ("fuse_activation",))
    assert verified(saved(bright, without_rules=["fuse_activation"])).status == "same"


def test_what_has_no_kernel_on_the_cpu_is_not_verified(saved: Callable[..., Converted]) -> None:
    def channels_first(k: Any, x: Any) -> Any:
        return k.layers.Conv2D(4, 3, data_format="channels_first")(x)

    found = verified(saved(channels_first))
    assert found.status == "unverified"
    assert found.reason is not None
    assert found.reason.startswith("the original graph can't be run in TensorFlow: ")
    assert "NCHW" in found.reason or "NHWC" in found.reason


def test_integers_that_an_argmax_gives(tmp_path: Path) -> None:
    tf = tensorflow()
    module = tf.Module()
    module.kernel = tf.Variable(tf.random.stateless_normal((4, 9), (1, 2)), name="kernel")

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x"), tf.TensorSpec((None,), tf.string)])
    def serve(x: Any, words: Any) -> Any:
        return {"best": tf.argmax(tf.nn.relu(x @ module.kernel + 0.1), axis=1), "words": tf.identity(words)}

    module.serve = serve
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=serve)
    converted = convert(tmp_path / "m", backends=("cpu",))
    draw = np.random.default_rng(0)
    values = {"x": draw.normal(size=(50, 4)).astype(np.float32), "words": np.array([b"a", b"b"], object)}
    found = verify(
        converted.loaded.graph,
        converted.graph,
        inputs={node_of(spec.tensor): values[spec.name] for spec in converted.inputs},
        outputs=[spec.name for spec in converted.outputs],
        means=converted.means,
    )
    assert found == Verification(status="same")


def test_an_op_that_tensorflow_does_not_know_cannot_be_computed() -> None:
    draft = Draft()
    graph = draft.graph(draft.op("NoSuchOp", "y", draft.const("c", 1.0)))
    with pytest.raises(NotComputable, match="NoSuchOp"):
        evaluate_in_tensorflow(graph, ["y"])


def prelu(fused: bool) -> Graph:
    draft = Draft()
    x, alpha = draft.input("x", (None, 3)), draft.const("alpha", [0.1, 0.2, -0.5])
    if not fused:
        return draft.graph(draft.typed("Prelu", "y", x, alpha))
    w, b = draft.const("w", weights(3, 3)), draft.const("b", weights(3))
    attrs: dict[str, Any] = {
        "transpose_a": False,
        "transpose_b": False,
        "num_args": 2,
        "fused_ops": (b"BiasAdd", b"Prelu"),
    }
    return draft.graph(draft.typed("_FusedMatMul", "y", x, w, b, alpha, **attrs))


@pytest.mark.parametrize("fused", [False, True])
def test_a_prelu_is_taken_apart_into_what_it_computes(fused: bool) -> None:
    graph = prelu(fused)
    x = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    if not fused:
        x[0], x[1] = np.inf, -np.inf
    y = x @ graph.constants["w"].value + graph.constants["b"].value if fused else x
    wanted = np.where(y > 0, y, y * graph.constants["alpha"].value)
    np.testing.assert_allclose(outputs_of(graph, x=x)[0], wanted, rtol=1e-5)
