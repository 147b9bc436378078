"""Transformers and ConvNeXt: what stands around their products."""

from __future__ import annotations

from typing import Any

from rule_costs import Case


def attentions(keras: Any) -> Any:
    """Four layers of multi-head attention over 64 tokens: the scores are scaled."""
    x = inputs = keras.Input((64, 64), batch_size=1)
    for _ in range(4):
        x = keras.layers.MultiHeadAttention(4, 16)(x, x)
    return keras.Model(inputs, x)


def long_attention(keras: Any) -> Any:
    """An encoder's block over 256 tokens of 256, with four heads."""
    x = inputs = keras.Input((256, 256), batch_size=1)
    y = keras.layers.LayerNormalization()(x)
    x = keras.layers.Add()([x, keras.layers.MultiHeadAttention(4, 64)(y, y)])
    y = keras.layers.Dense(1024, activation="gelu")(keras.layers.LayerNormalization()(x))
    return keras.Model(inputs, keras.layers.Add()([x, keras.layers.Dense(256)(y)]))


def asked_of_itself(keras: Any) -> Any:
    """Attention of four heads over 256 tokens each, which were never one tensor."""
    x = inputs = keras.Input((4, 256, 64), batch_size=1)
    scores = keras.ops.matmul(x, keras.ops.transpose(x, (0, 1, 3, 2))) * 0.125
    return keras.Model(inputs, keras.ops.matmul(keras.ops.softmax(scores), x))


def encoder(keras: Any) -> Any:
    """Two encoder's blocks over 64 tokens of 128, with four heads, as in the zoo's text transformer."""
    x = inputs = keras.Input((64, 128), batch_size=1)
    for _ in range(2):
        y = keras.layers.LayerNormalization()(x)
        x = keras.layers.Add()([x, keras.layers.MultiHeadAttention(4, 32)(y, y)])
        y = keras.layers.Dense(512, activation="gelu")(keras.layers.LayerNormalization()(x))
        x = keras.layers.Add()([x, keras.layers.Dense(128)(y)])
    return keras.Model(inputs, x)


def one_token(keras: Any) -> Any:
    """The second half of a block over 50 tokens, of which the first alone is read."""
    x = inputs = keras.Input((50, 128), batch_size=1)
    y = keras.layers.LayerNormalization()(x)
    y = keras.layers.Dense(128)(keras.layers.Dense(512, activation="gelu")(y))
    x = keras.layers.LayerNormalization()(keras.layers.Add()([x, y]))
    return keras.Model(inputs, x[:, 0])


def feed_forward(keras: Any) -> Any:
    """Two halves of blocks over 49 tokens: between the products there is more than an activation."""
    x = inputs = keras.Input((49, 96), batch_size=1)
    for _ in range(2):
        y = keras.layers.LayerNormalization()(x)
        x = keras.layers.Add()([x, keras.layers.Dense(96)(keras.layers.Dense(384, activation="relu")(y))])
    return keras.Model(inputs, x)


def pixels(keras: Any) -> Any:
    """Three times two Dense of each of 7² pixels, as at the end of ConvNeXt."""
    x = inputs = keras.Input((7, 7, 192), batch_size=1)
    for _ in range(3):
        y = keras.layers.Dense(192)(keras.layers.Dense(768, activation="relu")(x))
        x = keras.layers.Add()([x, y])
    return keras.Model(inputs, x)


CASES = (
    Case(
        name="four attentions' scales",
        rules=("scale_before_product",),
        build=attentions,
        pays_on=(),
        harmless_on=("wasm", "webgl"),
    ),
    Case(
        name="an encoder's block, 256 tokens",
        rules=("heads_apart",),
        instead=("matrices_one_by_one",),
        build=long_attention,
        pays_on=("wasm",),
        wanted=("wasm",),
    ),
    Case(
        name="two encoder's blocks, 64 tokens",
        rules=("heads_apart",),
        build=encoder,
        pays_on=("wasm",),
        wanted=("wasm",),
    ),
    Case(
        name="attention of what was never projected",
        rules=("matrices_one_by_one",),
        build=asked_of_itself,
        pays_on=("wasm",),
        wanted=("wasm",),
    ),
    Case(name="half a block, one token", rules=("pick_before_rows",), build=one_token),
    Case(
        name="two feed-forwards on rows",
        rules=("on_rows",),
        build=feed_forward,
        pays_on=(),
        harmless_on=("wasm", "webgl"),
    ),
    Case(
        name="Dense of pixels",
        rules=("dense_on_pixels",),
        build=pixels,
        pays_on=(),
        harmless_on=("wasm", "webgl"),
    ),
)
