"""Nets as people build them of Keras' layers: segmentation, text, vision transformer, sound, sequences, generation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from case import Case
from feeds import Feed, between, normal, whole, words
from layer_case import batch_of

from tfjsci.graph.tensorflow import keras


def _net(name: str, samples: list[Feed], make: Callable[..., Any], *, exported: bool = False) -> Case:
    feeds = tuple(batch_of(feed) for feed in samples)

    def build() -> Any:
        k = keras()
        inputs = [k.Input(feed.declared[1:], dtype=feed.dtype, name=f"x{i}") for i, feed in enumerate(feeds)]
        return k.Model(inputs if len(inputs) > 1 else inputs[0], make(*inputs))

    return Case(name=f"zoo/{name}", kind="zoo", of="", feeds=feeds, build=build, exported=exported, settled=True)


def _block(x: Any, filters: int) -> Any:
    layers = keras().layers
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return x


def _u_net(x: Any) -> Any:
    layers = keras().layers
    skips = []
    for filters in (8, 16):
        x = _block(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.2)(_block(x, 32))
    for filters, skip in zip((16, 8), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = _block(layers.Concatenate()([x, skip]), filters)
    return layers.Conv2D(3, 1)(x)


def _encoder_layer(x: Any, heads: int, width: int, *, causal: bool = False, gelu: str = "gelu") -> Any:
    """Attention and a two-layer perceptron with Keras' exact GELU, normalised before."""
    layers = keras().layers
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    x = x + layers.MultiHeadAttention(heads, width // heads, dropout=0.1)(y, y, use_causal_mask=causal)
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.Dense(width, activation=None)(layers.Activation(gelu)(layers.Dense(2 * width)(y)))
    return x + layers.Dropout(0.1)(y)


def _exact_gelu(x: Any) -> Any:
    return keras().ops.gelu(x, approximate=False)


def _text_transformer(tokens: Any, *, causal: bool = False) -> Any:
    k = keras()
    steps, width = tokens.shape[1], 16
    places = k.ops.arange(steps)
    x = k.layers.Embedding(50, width, mask_zero=not causal)(tokens) + k.layers.Embedding(steps, width)(places)
    for _ in range(2):
        y = k.layers.LayerNormalization(epsilon=1e-6)(x)
        x = x + k.layers.MultiHeadAttention(4, width // 4)(y, y, use_causal_mask=causal)
        y = k.layers.Dense(2 * width)(k.layers.LayerNormalization(epsilon=1e-6)(x))
        x = x + k.layers.Dense(width)(_exact_gelu(y))
    if causal:
        return k.layers.Dense(50)(x)
    return k.layers.Dense(4)(k.layers.GlobalAveragePooling1D()(x))


def _vision_transformer(images: Any) -> Any:
    k = keras()
    width = 16
    x = k.layers.Conv2D(width, 4, strides=4)(images)
    x = k.layers.Reshape((-1, width))(x)
    x = x + k.layers.Embedding(x.shape[1], width)(k.ops.arange(x.shape[1]))
    for _ in range(2):
        x = _encoder_layer(x, 4, width)
    return k.layers.Dense(10)(k.layers.LayerNormalization()(x)[:, 0])


def _mixer(images: Any) -> Any:
    k = keras()
    x = k.layers.Reshape((-1, 16))(k.layers.Conv2D(16, 4, strides=4)(images))
    for _ in range(2):
        y = k.layers.Permute((2, 1))(k.layers.LayerNormalization()(x))
        y = k.layers.Dense(x.shape[1])(k.layers.Dense(24, activation="gelu")(y))
        x = x + k.layers.Permute((2, 1))(y)
        x = x + k.layers.Dense(16)(k.layers.Dense(24, activation="gelu")(k.layers.LayerNormalization()(x)))
    return k.layers.Dense(10)(k.layers.GlobalAveragePooling1D()(x))


def _recurrent(unroll: bool) -> Callable[[Any], Any]:
    def make(tokens: Any) -> Any:
        layers = keras().layers
        x = layers.Embedding(30, 8)(tokens)
        x = layers.Bidirectional(layers.LSTM(6, return_sequences=True, unroll=unroll))(x)
        x = layers.GRU(7, unroll=unroll)(x)
        return layers.Dense(5)(x)

    return make


def _wave_net(x: Any) -> Any:
    layers = keras().layers
    x = layers.Conv1D(8, 2, padding="causal")(x)
    skips = []
    for rate in (1, 2, 4, 8):
        gate = layers.Conv1D(8, 2, dilation_rate=rate, padding="causal", activation="sigmoid")(x)
        signal = layers.Conv1D(8, 2, dilation_rate=rate, padding="causal", activation="tanh")(x)
        y = layers.Conv1D(8, 1)(layers.Multiply()([gate, signal]))
        skips.append(y)
        x = layers.Add()([x, y])
    x = layers.ReLU()(layers.Add()(skips))
    return layers.Conv1D(4, 1)(x)


def _autoencoder(x: Any) -> Any:
    layers = keras().layers
    for filters in (8, 4):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="elu")(x)
    shape = x.shape[1:]
    x = layers.Dense(6)(layers.Flatten()(x))
    x = layers.Reshape(shape)(layers.Dense(shape[0] * shape[1] * shape[2], activation="elu")(x))
    for filters in (4, 8):
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same", activation="elu")(x)
    return layers.Conv2D(3, 3, padding="same")(x)


def _generator(noise: Any) -> Any:
    layers = keras().layers
    x = layers.Reshape((4, 3, 16))(layers.Dense(4 * 3 * 16, use_bias=False)(noise))
    for filters in (12, 8):
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
        x = layers.Conv2DTranspose(filters, 5, strides=2, padding="same", use_bias=False)(x)
    return layers.Conv2D(3, 3, padding="same", activation="tanh")(layers.UpSampling2D(interpolation="bilinear")(x))


def _variational(x: Any) -> Any:
    """Without the sampling, as it is deployed."""
    k = keras()
    hidden = k.layers.Dense(12, activation="relu")(x)
    mean, log_variance = k.layers.Dense(3)(hidden), k.layers.Dense(3)(hidden)
    decoded = k.layers.Dense(8, activation="sigmoid")(k.layers.Dense(12, activation="relu")(mean))
    return [decoded, k.ops.exp(0.5 * log_variance)]


def _squeeze_excite(x: Any) -> Any:
    layers = keras().layers
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(layers.Conv2D(8, 1, activation="hard_silu")(x))
    x = layers.Activation("hard_silu")(layers.BatchNormalization()(x))
    squeezed = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(8, 1, activation="hard_sigmoid")(layers.Conv2D(4, 1, activation="relu")(squeezed))
    return layers.Dense(6)(layers.GlobalMaxPooling2D()(layers.Multiply()([x, gate])))


def _tabular(numbers: Any, category: Any) -> Any:
    """Numbers normalised and a category embedded, in one net."""
    layers = keras().layers
    x = layers.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 0.5, 1.5])(numbers)
    embedded = layers.Flatten()(layers.Embedding(7, 3)(category))
    x = layers.Dense(16, activation="selu")(layers.Concatenate()([x, embedded]))
    return layers.Dense(2)(layers.AlphaDropout(0.1)(x))


def _text_in(text: Any) -> Any:
    layers = keras().layers
    vocabulary = ["red", "green", "blue"]
    x = layers.TextVectorization(vocabulary=vocabulary, output_sequence_length=6)(text)
    return layers.Dense(2)(layers.GlobalMaxPooling1D()(layers.Embedding(5, 8)(x)))


def _two_towers(a: Any, b: Any) -> Any:
    layers = keras().layers
    tower = keras().Sequential([layers.Dense(12, activation="relu"), layers.Dense(6), layers.UnitNormalization()])
    return layers.Dot(axes=1)([tower(a), tower(b)])


def _segmenter(images: Any) -> Any:
    """Atrous pyramid and upsampling, as DeepLab; any size of image."""
    k = keras()
    x = k.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(images)
    branches = [k.layers.Conv2D(6, 3, padding="same", dilation_rate=rate, use_bias=False)(x) for rate in (1, 2, 4)]
    x = k.layers.ReLU()(k.layers.BatchNormalization()(k.layers.Concatenate()(branches)))
    x = k.layers.UpSampling2D(2)(k.layers.Conv2D(4, 1)(x))  # bilinear wants a known size
    return k.layers.Softmax()(x)


def _upscaler(images: Any) -> Any:
    """Sub-pixel convolution, as ESPCN."""
    k = keras()
    x = k.layers.Conv2D(8, 5, padding="same", activation="tanh")(images)
    return k.ops.depth_to_space(k.layers.Conv2D(12, 3, padding="same")(x), 2)


KERAS_NETS: tuple[Case, ...] = (
    _net("autoencoder", [between(0, 1, 16, 12, 3)], _autoencoder),
    _net("bidirectional_lstm_gru_loop", [whole(0, 30, 7)], _recurrent(unroll=False)),
    _net("bidirectional_lstm_gru_unrolled", [whole(0, 30, 7)], _recurrent(unroll=True)),
    _net("causal_language_model", [whole(0, 50, 8)], lambda x: _text_transformer(x, causal=True)),
    _net("gan_generator", [normal(10)], _generator),
    _net("mlp_mixer", [normal(16, 12, 3)], _mixer),
    _net("segmenter_any_size", [normal(16, 12, 3).open(0, 1)], _segmenter),
    _net("squeeze_excite", [normal(9, 7, 4)], _squeeze_excite),
    _net("tabular", [normal(4), whole(0, 7, 1)], _tabular),
    _net("text_in", [words(("Red green", "blue!", "mauve"), 1)], _text_in),
    _net("text_transformer", [whole(0, 50, 8)], _text_transformer),
    _net("two_towers", [normal(9), normal(9)], _two_towers),
    _net("u_net", [normal(16, 12, 3)], _u_net),
    _net("upscaler", [between(0, 1, 9, 7, 3)], _upscaler),
    _net("variational_autoencoder", [normal(8)], _variational),
    _net("vision_transformer", [normal(16, 12, 3)], _vision_transformer),
    _net("wave_net", [normal(32, 1)], _wave_net),
)
