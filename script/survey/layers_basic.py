"""Dense layers, activations, merging, reshaping, normalisation, regularisation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import normal, whole
from layer_case import layer, model

from tfjsci.graph.tensorflow import keras

_ACTIVATIONS = (
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax",
    "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink",
)  # fmt: skip
_MERGES = ("Add", "Average", "Maximum", "Minimum", "Multiply")


def _dense() -> Iterator[Case]:
    yield layer("Dense", "", (6,), 5)
    yield layer("Dense", "no_bias", (6,), 5, use_bias=False)
    yield layer("Dense", "rank_3", (4, 6), 5, activation="relu")
    yield layer("Dense", "rank_4", (3, 4, 6), 5, activation="gelu")
    yield layer("Dense", "lora", (6,), 5, lora_rank=2)
    yield layer("Dense", "mixed_float16", (6,), 5, dtype="mixed_float16")
    yield layer("Dense", "mixed_bfloat16", (6,), 5, dtype="mixed_bfloat16")
    yield layer("Dense", "float64", normal(6, dtype="float64"), 5, dtype="float64")
    yield layer("EinsumDense", "matrix", (6,), "ab,bc->ac", output_shape=5, bias_axes="c")
    yield layer("EinsumDense", "heads", (4, 6), "abc,cde->abde", output_shape=(None, 3, 5), bias_axes="de")
    yield layer("EinsumDense", "joined", (4, 3, 5), "abde,dec->abc", output_shape=(None, 6), activation="relu")
    yield layer("EinsumDense", "ellipsis", (3, 4, 6), "...x,xy->...y", output_shape=5)
    yield layer("Embedding", "", whole(0, 9, 5), 9, 4)
    yield layer("Embedding", "int64", whole(0, 9, 5, dtype="int64"), 9, 4)
    yield layer("Embedding", "float_indices", whole(0, 9, 5, dtype="float32"), 9, 4)
    yield model(
        "Embedding",
        "masked",
        [whole(0, 4, 5)],
        lambda x: keras().layers.LSTM(3, unroll=True)(_embed(x, mask_zero=True)),
    )
    yield layer("ReversibleEmbedding", "", whole(0, 9, 5), 9, 4)
    yield model("ReversibleEmbedding", "reverse", [whole(0, 9, 5)], _reversed(tied=True))
    yield model("ReversibleEmbedding", "reverse_untied", [whole(0, 9, 5)], _reversed(tied=False))
    yield layer("Identity", "", (6,))
    yield model("Lambda", "", [normal(6)], lambda x: keras().layers.Lambda(lambda y: y * 2.0 + 1.0)(x), exported=True)
    yield model("InputLayer", "", [normal(6)], lambda x: x * 2.0)
    yield model("TFSMLayer", "", [normal(6)], _saved_model_layer, exported=True)
    yield model("Masking", "", [whole(0, 2, 5, 1, dtype="float32")], lambda x: keras().layers.Masking(0.0)(x))
    yield model("TimeDistributed", "dense", [normal(4, 6)], _wrapped("TimeDistributed", "Dense", 5))
    yield model("TimeDistributed", "conv", [normal(3, 8, 7, 2)], _wrapped("TimeDistributed", "Conv2D", 4, 3))


def _wrapped(wrapper: str, of: str, *args: Any) -> Any:
    return lambda x: getattr(keras().layers, wrapper)(getattr(keras().layers, of)(*args))(x)


def _embed(x: Any, **kwargs: Any) -> Any:
    return keras().layers.Embedding(9, 4, **kwargs)(x)


def _reversed(*, tied: bool) -> Any:
    def make(x: Any) -> Any:
        embedding = keras().layers.ReversibleEmbedding(9, 4, tie_weights=tied, logit_soft_cap=5.0)
        return embedding(embedding(x), reverse=True)

    return make


def _saved_model_layer(x: Any) -> Any:
    k = keras()
    inner = k.Sequential([k.Input((6,)), k.layers.Dense(5)])
    with tempfile.TemporaryDirectory(prefix="survey-") as folder:
        inner.export(folder, verbose=False)
        return k.layers.TFSMLayer(folder, call_endpoint="serve")(x)


def _activations() -> Iterator[Case]:
    for name in _ACTIVATIONS:
        yield layer("Activation", name, (3, 6), name)
    yield layer("ELU", "", (6,), alpha=0.7)
    yield layer("LeakyReLU", "", (6,), negative_slope=0.2)
    yield layer("PReLU", "", (6,))
    yield layer("PReLU", "shared", (7, 5, 3), shared_axes=[1, 2])
    yield layer("ReLU", "", (6,))
    yield layer("ReLU", "capped", (6,), max_value=1.5)
    yield layer("ReLU", "six", (6,), max_value=6.0)
    yield layer("ReLU", "sloped", (6,), max_value=1.5, negative_slope=0.1, threshold=0.2)
    yield layer("Softmax", "", (4, 6))
    yield layer("Softmax", "axis", (4, 6), axis=1)
    yield layer("Softmax", "two_axes", (3, 4, 6), axis=[2, 3])
    yield model("Softmax", "masked", [normal(6)], lambda x: keras().layers.Softmax()(x, mask=x > -0.5))


def _merging() -> Iterator[Case]:
    for name in _MERGES:
        yield model(name, "", [normal(4, 6)] * 3, _merge(name))
        yield model(name, "broadcast", [normal(4, 6), normal(1, 6)], _merge(name))
    yield model("Add", "ranks", [normal(4, 6), normal(6)], _merge("Add"))
    yield model("Subtract", "", [normal(4, 6)] * 2, _merge("Subtract"))
    yield model("Concatenate", "", [normal(4, 6), normal(4, 3)], _merge("Concatenate"))
    yield model("Concatenate", "axis", [normal(4, 6), normal(2, 6)], _merge("Concatenate", axis=1))
    yield model("Concatenate", "int32", [whole(-9, 9, 6), whole(-9, 9, 3)], _merge("Concatenate"))
    yield model("Dot", "", [normal(6)] * 2, _merge("Dot", axes=1))
    yield model("Dot", "rank_3", [normal(4, 6), normal(6, 5)], _merge("Dot", axes=(2, 1)))
    yield model("Dot", "normalised", [normal(4, 6), normal(5, 6)], _merge("Dot", axes=2, normalize=True))


def _merge(of: str, **kwargs: Any) -> Any:
    return lambda *x: getattr(keras().layers, of)(**kwargs)(list(x))


def _reshaping() -> Iterator[Case]:
    yield layer("Flatten", "", (3, 4, 6))
    yield layer("Flatten", "scalars", ())
    yield layer("Flatten", "channels_first", (3, 4, 6), data_format="channels_first")
    yield layer("Flatten", "open", normal(5, 6).open(0))
    yield layer("Reshape", "", (4, 6), (3, 8))
    yield layer("Reshape", "guessed", (4, 6), (-1, 3))
    yield layer("Reshape", "open", normal(4, 6).open(0), (-1, 3))
    yield layer("Permute", "", (3, 4, 6), (3, 1, 2))
    yield layer("RepeatVector", "", (6,), 3)
    yield layer("Cropping1D", "", (8, 3), (1, 2))
    yield layer("Cropping2D", "", (8, 7, 3), ((1, 2), (0, 3)))
    yield layer("Cropping2D", "channels_first", (3, 8, 7), ((1, 2), (0, 3)), data_format="channels_first")
    yield layer("Cropping3D", "", (5, 8, 7, 3), ((1, 2), (0, 3), (1, 0)))
    yield layer("ZeroPadding1D", "", (8, 3), (1, 2))
    yield layer("ZeroPadding2D", "", (8, 7, 3), ((1, 2), (0, 3)))
    yield layer("ZeroPadding2D", "channels_first", (3, 8, 7), ((1, 2), (0, 3)), data_format="channels_first")
    yield layer("ZeroPadding3D", "", (5, 6, 7, 3), ((1, 2), (0, 3), (1, 0)))


def _normalisation() -> Iterator[Case]:
    yield layer("BatchNormalization", "", (7, 5, 3))
    yield layer("BatchNormalization", "rank_2", (6,))
    yield layer("BatchNormalization", "axis_1", (3, 7, 5), axis=1)
    yield layer("BatchNormalization", "bare", (7, 5, 3), center=False, scale=False)
    yield layer("BatchNormalization", "rank_5", (4, 7, 5, 3))
    yield layer("BatchNormalization", "mixed_float16", (7, 5, 3), dtype="mixed_float16")
    yield model("BatchNormalization", "masked", [normal(5, 3)], _masked_norm)
    yield layer("BatchNormalization", "renorm", (7, 5, 3), renorm=True)
    yield layer("LayerNormalization", "", (4, 6))
    yield layer("LayerNormalization", "axes", (3, 4, 6), axis=[1, 3])
    yield layer("LayerNormalization", "bare", (4, 6), center=False, scale=False)
    yield layer("LayerNormalization", "mixed_float16", (4, 6), dtype="mixed_float16")
    yield layer("GroupNormalization", "", (7, 5, 6), groups=3)
    yield layer("GroupNormalization", "instance", (7, 5, 6), groups=-1)
    yield layer("GroupNormalization", "rank_3", (4, 6), groups=2)
    yield layer("GroupNormalization", "axis_1", (6, 7, 5), groups=2, axis=1)
    yield layer("RMSNormalization", "", (4, 6))
    yield layer("UnitNormalization", "", (4, 6))
    yield layer("UnitNormalization", "axes", (3, 4, 6), axis=(1, 2))
    yield model("SpectralNormalization", "dense", [normal(6)], _wrapped("SpectralNormalization", "Dense", 5))
    yield model("SpectralNormalization", "conv", [normal(8, 7, 3)], _wrapped("SpectralNormalization", "Conv2D", 4, 3))


def _masked_norm(x: Any) -> Any:
    k = keras()
    return k.layers.BatchNormalization()(k.layers.Masking()(x))


def _regularisation() -> Iterator[Case]:
    yield layer("ActivityRegularization", "", (6,), l1=0.1)
    for name in ("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D"):
        yield layer(name, "", (4, 6), 0.3)
    yield layer("SpatialDropout2D", "", (4, 5, 6), 0.3)
    yield layer("SpatialDropout3D", "", (3, 4, 5, 6), 0.3)


BASIC: tuple[Case, ...] = (
    *_dense(),
    *_activations(),
    *_merging(),
    *_reshaping(),
    *_normalisation(),
    *_regularisation(),
)
