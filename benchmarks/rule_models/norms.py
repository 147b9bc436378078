"""Norms and reductions in fewer kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from graph_draft import Draft, weights
from rule_costs import Case, repeated

from tfjsci.graph.graph import DType


def layer_norms(keras: Any) -> Any:
    """Six times as transformers of the larger sort have it, before a layer that takes the gain in, and one that doesn't."""
    x = inputs = keras.Input((64, 128), batch_size=1)
    for _ in range(3):
        x = keras.layers.Dense(128)(keras.layers.LayerNormalization()(x))
        x = keras.layers.Add()([x, keras.layers.LayerNormalization()(x)])
    return keras.Model(inputs, x)


def encoder(tokens: int, width: int) -> Any:
    """Four blocks of a norm and two layers beside a stream, as transformers have them between their attentions."""

    def build(keras: Any) -> Any:
        x = inputs = keras.Input((tokens, width), batch_size=1)
        x = keras.layers.Dense(width)(x)
        for _ in range(4):
            inner = keras.layers.Dense(width, activation="relu")(keras.layers.LayerNormalization()(x))
            x = keras.layers.Add()([x, keras.layers.Dense(width)(inner)])
        return keras.Model(inputs, keras.layers.Dense(8)(keras.layers.LayerNormalization()(x)))

    return build


def group_norms(keras: Any) -> Any:
    x = inputs = keras.Input((28, 28, 32), batch_size=1)
    for _ in range(3):
        x = keras.layers.Activation("relu")(keras.layers.GroupNormalization(8)(x))
    return keras.Model(inputs, x)


def squeezes(size: int, channels: int) -> Any:
    """Three times the mean over a picture, and the picture times it."""

    def draw(draft: Draft) -> str:
        def block(x: str, i: int) -> str:
            over = draft.const(f"axes{i}", np.array([1, 2], np.int32))
            mean = draft.typed("Mean", f"mean{i}", x, over, keep_dims=True, Tidx=DType("int32"))
            return draft.typed("Mul", f"y{i}", x, mean)

        return repeated(3, block, draft.input("x", (1, size, size, channels)))

    return draw


def mean_of_a_sequence(draft: Draft) -> str:
    def block(x: str, i: int) -> str:
        over = draft.const(f"axes{i}", np.array([1], np.int32))
        mean = draft.typed("Mean", f"mean{i}", x, over, keep_dims=True, Tidx=DType("int32"))
        return draft.typed("Mul", f"y{i}", x, mean)

    return repeated(3, block, draft.input("x", (1, 128, 256)))


def batch_norms(size: int, channels: int) -> Any:
    """Six times a batch norm and a Relu that no kernel takes in, since what they are of is added to them."""

    def draw(draft: Draft) -> str:
        def block(x: str, i: int) -> str:
            scaled = draft.typed("Mul", f"scaled{i}", x, draft.const(f"s{i}", weights(channels, seed=i)))
            shifted = draft.typed("AddV2", f"shifted{i}", scaled, draft.const(f"t{i}", weights(channels, seed=i + 9)))
            return draft.typed("AddV2", f"y{i}", draft.typed("Relu", f"activated{i}", shifted), x)

        return repeated(6, block, draft.input("x", (1, size, size, channels)))

    return draw


CASES = (
    Case(name="layer norms, 64 of 128", rules=("layer_norm",), build=layer_norms),
    Case(name="group norms, 28² of 32", rules=("layer_norm",), build=group_norms),
    Case(name="norms of a stream, 64 of 128", rules=("centred_streams",), build=encoder(64, 128)),
    Case(name="norms of a stream, 197 of 192", rules=("centred_streams",), build=encoder(197, 192)),
    Case(name="squeezes, 112² of 32", rules=("reduce_as_pool",), draw=squeezes(112, 32)),
    Case(name="squeezes, 56² of 48", rules=("reduce_as_pool",), draw=squeezes(56, 48)),
    Case(name="squeezes, 7² of 512", rules=("reduce_as_pool",), draw=squeezes(7, 512)),
    Case(name="means of a sequence, 128 of 256", rules=("reduce_as_pool",), draw=mean_of_a_sequence),
    Case(name="batch norm and Relu, 28² of 128", rules=("affine_as_depthwise",), draw=batch_norms(28, 128)),
    Case(name="batch norm and Relu, 7² of 512", rules=("affine_as_depthwise",), draw=batch_norms(7, 512)),
)
