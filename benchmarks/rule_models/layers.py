"""What stands before, between and behind layers, folded and fused into them."""

from __future__ import annotations

from typing import Any

import numpy as np
from graph_draft import Draft, weights
from rule_costs import Case, repeated


def _norm(draft: Draft, y: str, channels: int, name: str) -> str:
    """Batch norm as Keras 3 writes it."""
    s = draft.const(f"{name}/s", np.abs(weights(channels, seed=1)))
    scaled = draft.typed("Mul", f"{name}/scaled", y, s)
    return draft.typed("AddV2", f"{name}/shifted", scaled, draft.const(f"{name}/t", weights(channels, seed=2)))


def _conv(draft: Draft, y: str, channels: int, name: str, *, size: int = 3, padding: str = "SAME") -> str:
    w = draft.const(f"{name}/w", weights(size, size, channels, channels, seed=len(name)) / (size * size * channels))
    return draft.conv(name, y, w, padding=padding)


def preactivations(draft: Draft) -> str:
    """Norm, Relu, convolution and what goes around them, as ResNetV2 has them."""

    def block(x: str, i: int) -> str:
        y = draft.typed("Relu", f"relu{i}", _norm(draft, x, 64, f"norm{i}"))
        return draft.typed("AddV2", f"sum{i}", x, _conv(draft, y, 64, f"conv{i}", size=1))

    return repeated(6, block, draft.input("x", (1, 28, 28, 64)))


def norms_of_rows(draft: Draft) -> str:
    """The same of 64 rows: norm, Relu, Dense and what goes around them."""

    def block(x: str, i: int) -> str:
        y = draft.typed("Relu", f"relu{i}", _norm(draft, x, 128, f"norm{i}"))
        w = draft.const(f"w{i}", weights(128, 128, seed=i) / 128)
        return draft.typed("AddV2", f"sum{i}", x, draft.matmul(f"dense{i}", y, w))

    return repeated(6, block, draft.input("x", (64, 128)))


def upsampled(keras: Any) -> Any:
    """Twice twice as large."""
    x = inputs = keras.Input((28, 28, 32), batch_size=1)
    for _ in range(2):
        x = keras.layers.UpSampling2D(2)(x)
    return keras.Model(inputs, x)


def norms_behind_activations(draft: Draft) -> str:
    def block(x: str, i: int) -> str:
        y = draft.bias_add(
            f"biased{i}", _conv(draft, x, 32, f"conv{i}", padding="VALID"), draft.const(f"b{i}", weights(32))
        )
        return _norm(draft, draft.typed("Relu", f"relu{i}", y), 32, f"norm{i}")

    return repeated(5, block, draft.input("x", (1, 32, 32, 32)))


def norms_behind_pools(draft: Draft) -> str:
    def block(x: str, i: int) -> str:
        attrs = {"ksize": (1, 3, 3, 1), "strides": (1, 1, 1, 1), "padding": b"SAME", "data_format": b"NHWC"}
        y = draft.typed("MaxPool", f"pool{i}", _conv(draft, x, 32, f"conv{i}"), **attrs)
        return draft.typed("Relu", f"relu{i}", _norm(draft, y, 32, f"norm{i}"))

    return repeated(4, block, draft.input("x", (1, 32, 32, 32)))


def activations_without_a_bias(draft: Draft) -> str:
    return repeated(
        6,
        lambda x, i: draft.typed("Relu", f"relu{i}", _conv(draft, x, 32, f"conv{i}")),
        draft.input("x", (1, 32, 32, 32)),
    )


def rectified_with_slopes(keras: Any) -> Any:
    """PReLU behind convolutions, depthwise ones and products."""
    x = inputs = keras.Input((32, 32, 32), batch_size=1)
    for _ in range(3):
        x = keras.layers.PReLU(shared_axes=[1, 2], alpha_initializer="glorot_uniform")(
            keras.layers.Conv2D(32, 3, padding="same")(x)
        )
        x = keras.layers.PReLU(shared_axes=[1, 2], alpha_initializer="glorot_uniform")(
            keras.layers.DepthwiseConv2D(3, padding="same")(x)
        )
    return keras.Model(inputs, x)


def grouped(keras: Any) -> Any:
    """Convolutions in groups, with norm and activation."""
    x = inputs = keras.Input((28, 28, 32), batch_size=1)
    for _ in range(3):
        x = keras.layers.Conv2D(32, 3, padding="same", groups=4)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(beta_initializer="random_normal")(x))
    return keras.Model(inputs, x)


def padded_volumes(keras: Any) -> Any:
    x = inputs = keras.Input((12, 12, 12, 8), batch_size=1)
    for _ in range(3):
        x = keras.layers.Conv3D(8, 3)(keras.layers.ZeroPadding3D(1)(x))
    return keras.Model(inputs, x)


CASES = (
    Case(
        name="norms before activation and layer, 28² of 64",
        rules=("affine_as_depthwise",),
        draw=preactivations,
    ),
    Case(
        name="norms before activation and Dense, 64 of 128",
        rules=("sink_scale_with_shift",),
        draw=norms_of_rows,
        pays_on=("wasm",),
        harmless_on=("webgl",),
        runs={"wasm": 300, "webgl": 120},
    ),
    Case(name="two upsamplings", rules=("repeats_as_resize",), build=upsampled),
    Case(
        name="norms behind activations",
        rules=("lift_from_relu_after_bias", "fold_shift_before"),
        draw=norms_behind_activations,
    ),
    Case(name="norms behind pools", rules=("lift_from_pool_with_constant",), draw=norms_behind_pools),
    Case(name="activations without a bias", rules=("bias_for_activation",), draw=activations_without_a_bias),
    Case(name="PReLU behind layers", rules=("prelu_spellings",), build=rectified_with_slopes),
    Case(
        name="groups with norm and activation",
        rules=("lift_from_join", "lift_from_join_with_constant"),
        build=grouped,
    ),
    Case(name="padded volumes", rules=("pad_into_conv",), build=padded_volumes),
)
