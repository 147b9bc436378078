"""Activations in their cheapest spelling."""

from __future__ import annotations

from typing import Any

import numpy as np
from graph_draft import Draft, weights
from rule_costs import Case, repeated

from tfjsci.graph.graph import DType


def _mlp(keras: Any, activation: Any) -> Any:
    """Four times as in a transformer's feed-forward layers: the activation between two layers."""
    x = inputs = keras.Input((64, 64), batch_size=1)
    for _ in range(4):
        x = keras.layers.Dense(64)(activation(keras.layers.Dense(256)(x)))
    return keras.Model(inputs, x)


def exact_gelus(keras: Any) -> Any:
    return _mlp(keras, keras.layers.Activation("gelu"))


def tanh_gelus(keras: Any) -> Any:
    return _mlp(keras, lambda x: keras.ops.gelu(x, approximate=True))


def hard_swishes(keras: Any) -> Any:
    """MobileNetV3's, six of them, each read twice."""
    x = inputs = keras.Input((28, 28, 16), batch_size=1)
    for _ in range(6):
        y = keras.layers.Conv2D(96, 1, activation="hard_silu")(x)
        x = keras.layers.Add()([keras.layers.Conv2D(16, 1)(y), keras.layers.Conv2D(16, 1)(y)])
    return keras.Model(inputs, x)


def clips(draft: Draft) -> str:
    """Four times tf.clip_by_value, as TensorFlow takes it apart."""

    def block(x: str, i: int) -> str:
        smaller = draft.typed("Minimum", f"smaller{i}", x, draft.const(f"high{i}", 2.0 + i))
        larger = draft.typed("Maximum", f"larger{i}", smaller, draft.const(f"low{i}", -1.0 - i))
        return draft.typed("AddV2", f"y{i}", larger, x)

    return repeated(4, block, draft.input("x", (1, 28, 28, 64)))


def softmaxes(draft: Draft) -> str:
    """Four of them, spelled out."""

    def block(x: str, i: int) -> str:
        over = draft.const(f"axis{i}", np.array([-1], np.int32))
        attrs = {"keep_dims": True, "Tidx": DType("int32")}
        largest = draft.typed("Max", f"max{i}", x, over, **attrs)
        e = draft.typed("Exp", f"exp{i}", draft.typed("Sub", f"below{i}", x, largest))
        return draft.typed("RealDiv", f"y{i}", e, draft.typed("Sum", f"sum{i}", e, over, **attrs))

    return repeated(4, block, draft.input("x", (64, 128)))


def hard_excitations(draft: Draft) -> str:
    """Squeeze-and-excite with a hard sigmoid: four times x times a vector times a number, before a convolution."""

    def block(x: str, i: int) -> str:
        gate = draft.typed("Relu6", f"gate{i}", draft.typed("AddV2", f"shifted{i}", "v", draft.const(f"c{i}", 3.0 + i)))
        scaled = draft.typed("Mul", f"scaled{i}", gate, draft.const(f"k{i}", (1 + i) / 6))
        kernel = draft.const(f"w{i}", weights(1, 1, 64, 64, seed=i) / 64)
        return draft.conv(f"conv{i}", draft.typed("Mul", f"y{i}", x, scaled), kernel)

    draft.input("v", (1, 1, 1, 64))
    return repeated(4, block, draft.input("x", (1, 14, 14, 64)))


CASES = (
    Case(
        name="exact GELUs between layers", rules=("gelu",), build=exact_gelus, pays_on=("webgl",), harmless_on=("wasm",)
    ),
    Case(name="tanh GELUs between layers", rules=("gelu_by_tanh",), build=tanh_gelus),
    Case(
        name="hard-swish between convolutions",
        rules=("hard_swish",),
        build=hard_swishes,
        pays_on=("webgl",),
        harmless_on=("wasm",),
    ),
    Case(name="clips", rules=("bounds_as_clip",), draw=clips),
    Case(name="softmax spelled out", rules=("softmax_from_parts",), draw=softmaxes),
    Case(name="hard squeeze-and-excite", rules=("factor_last",), draw=hard_excitations),
)
