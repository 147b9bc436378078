"""Keras models for layers models: many branches in a model, each an output of its own, over inputs of unequal sizes.

What is in ``MODELS`` must load and give Keras' numbers; what is in ``REFUSED`` must be refused, for the reason beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tfjsci.dtypes import BACKENDS, Backend

Branch = Callable[[Any], Any]
Build = Callable[[Any], Any]


def _branches(k: Any, shape: tuple[int, ...], branches: Mapping[str, Branch], dtype: str = "float32") -> Any:
    x = k.Input(shape, name="x", dtype=dtype)
    return k.Model(x, {name: branch(x) for name, branch in branches.items()}, name="branches")


def vectors(k: Any) -> Any:
    L, ops = k.layers, k.ops  # noqa: N806
    own = ("celu", "elu", "gelu", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softmax",
           "softplus", "softsign", "swish", "tanh")  # fmt: skip
    made = ("hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "log_sigmoid", "soft_shrink", "tanh_shrink")
    return _branches(
        k,
        (7,),
        {
            **{f"dense_{name}": (lambda x, name=name: L.Dense(3, activation=name)(x)) for name in (*own, *made)},
            "activation": lambda x: L.Activation("hard_sigmoid")(L.Dense(4, use_bias=False)(x)),
            "relu_max": lambda x: L.ReLU(max_value=0.7)(x),
            "relu_slope": lambda x: L.ReLU(negative_slope=0.3)(x),
            "leaky": lambda x: L.LeakyReLU(negative_slope=0.05)(x),
            "prelu": lambda x: L.PReLU(alpha_initializer="ones")(x),
            "elu_alpha": lambda x: L.ELU(alpha=0.4)(x),
            "bn": lambda x: L.BatchNormalization(epsilon=0.01)(x),
            "bn_plain": lambda x: L.BatchNormalization(scale=False, center=False)(x),
            "ln": lambda x: L.LayerNormalization()(x),
            "normalization": lambda x: L.Normalization(mean=[1.0, 2, 3, 4, 5, 6, 7], variance=[0.1, 0, 1, 2, 3, 4, 5])(x),
            "rescaling": lambda x: L.Rescaling([1.0, 2, 3, 4, 5, 6, 7], offset=-0.5)(x),
            "flat": lambda x: L.Flatten()(x),
            "flat_number": lambda x: L.Flatten()(L.Rescaling(2.0)(L.Reshape(())(L.Dense(1)(x)))),
            "repeat": lambda x: L.RepeatVector(3)(x),
            "subtract": lambda x: L.Subtract()([L.Dense(7)(x), x]),
            "twice": lambda x: L.Multiply()([x, x]),
            "dot": lambda x: L.Dot(axes=1)([L.Dense(7)(x), x]),
            "extremes": lambda x: L.Average()([L.Maximum()([x, L.Dense(7)(x)]), L.Minimum()([x, L.Dense(7)(x)])]),
            "operators": lambda x: (1.0 - x * 2.0) / 4.0 + ops.relu(x) - (x + 3.0) * x - -x,
            "functions": lambda x: ops.hard_sigmoid(x) + ops.silu(x) + ops.leaky_relu(x, 0.3) + ops.maximum(x, 0),
            "noise": lambda x: L.GaussianNoise(0.3)(L.GaussianDropout(0.3)(L.AlphaDropout(0.3)(L.Dropout(0.4, seed=1)(x)))),
            "same_input": lambda x: x,
            "identity": lambda x: L.Identity()(x),
            "regularized": lambda x: L.Dense(
                2, kernel_regularizer="l1", bias_regularizer=k.regularizers.L1L2(0.1, 0.2), kernel_initializer="lecun_normal",
                kernel_constraint="max_norm", activity_regularizer="l2",
            )(x),
            "layer_as_function": lambda x: L.Dense(3, activation=L.LeakyReLU(negative_slope=0.1))(x),
        },
    )  # fmt: skip


def images(k: Any) -> Any:
    L, ops = k.layers, k.ops  # noqa: N806
    return _branches(
        k,
        (9, 6, 4),
        {
            "conv": lambda x: L.Conv2D(5, (3, 2), strides=(2, 1), padding="same", activation="relu")(x),
            "conv_dilated": lambda x: L.Conv2D(3, 2, dilation_rate=(2, 1), activation="hard_silu")(x),
            "conv_grouped_by_channel": lambda x: L.Conv2D(8, 3, groups=4, activation="tanh")(x),
            "conv_skipping": lambda x: L.Conv2D(3, 1, strides=(2, 3), padding="same")(x),
            "conv_skipping_rows": lambda x: L.Conv2D(3, (1, 3), strides=(4, 1), padding="same", activation="relu")(x),
            "depthwise_skipping": lambda x: L.DepthwiseConv2D(2, strides=4, padding="same")(x),
            "transpose": lambda x: L.Conv2DTranspose(3, (3, 2), strides=(2, 3), padding="same")(x),
            "transpose_valid": lambda x: L.Conv2DTranspose(3, (4, 2), strides=(2, 3), use_bias=False, activation="elu")(
                x
            ),
            "depthwise": lambda x: L.DepthwiseConv2D((3, 2), depth_multiplier=2, strides=2, padding="same")(x),
            "separable": lambda x: L.SeparableConv2D(3, 3, depth_multiplier=2, activation="leaky_relu")(x),
            "pool": lambda x: L.MaxPooling2D((3, 2), strides=(2, 1), padding="same")(x),
            "pool_average": lambda x: L.AveragePooling2D((3, 2), padding="same")(x),
            "global_average": lambda x: L.GlobalAveragePooling2D()(x),
            "global_max_kept": lambda x: L.Conv2D(3, 1)(L.GlobalMaxPooling2D(keepdims=True)(x)),
            "padded": lambda x: L.ZeroPadding2D(((1, 2), (0, 3)))(x),
            "cropped": lambda x: L.Cropping2D(((1, 2), (0, 3)))(x),
            "up": lambda x: L.UpSampling2D((2, 3))(x),
            "bn": lambda x: L.BatchNormalization()(x),
            "bn_over_rows": lambda x: L.BatchNormalization(axis=1)(x),
            "ln": lambda x: L.LayerNormalization(axis=[2, 3])(x),
            "ln_last": lambda x: L.LayerNormalization(epsilon=0.01, center=False)(x),
            "prelu": lambda x: L.PReLU(alpha_initializer="ones", shared_axes=[1, 2])(x),
            "softmax_over_rows": lambda x: L.Softmax(axis=1)(x),
            "flat": lambda x: L.Dense(3)(L.Flatten()(x)),
            "reshaped": lambda x: L.Dense(2)(L.Reshape((-1, 8))(x)),
            "permuted": lambda x: L.Permute((3, 1, 2))(x),
            "joined": lambda x: L.Concatenate(axis=-2)([x, L.Conv2D(4, 1)(x)]),
            "joined_in_front": lambda x: L.Concatenate(axis=1)([x, x]),
            "squeezed": lambda x: x * L.Dense(4, activation="sigmoid")(ops.mean(x, axis=(1, 2), keepdims=True)),
            "broadcast": lambda x: L.Add()([x, L.GlobalAveragePooling2D(keepdims=True)(x)]),
            "by_ops": lambda x: ops.transpose(ops.reshape(x, (-1, 54, 4)), (0, 2, 1)),
        },
    )


def augmented(k: Any) -> Any:
    """Layers that do something in training alone. Keras can't write them to HDF5."""
    L = k.layers  # noqa: N806
    return _branches(
        k,
        (9, 6, 3),
        {
            "brighter": lambda x: L.RandomFlip()(
                L.SpatialDropout2D(0.3)(L.RandomRotation(0.1)(L.RandomBrightness(0.2)(x)))
            ),
            "moved": lambda x: L.RandomZoom(0.1)(
                L.RandomTranslation(0.1, 0.1)(L.RandomContrast(0.1)(L.RandomShear(0.1)(x)))
            ),
        },
    )


def sequences(k: Any) -> Any:
    L = k.layers  # noqa: N806
    stacked = lambda: L.StackedRNNCells([L.LSTMCell(4), L.SimpleRNNCell(3)])  # noqa: E731

    def with_state(x: Any) -> Any:
        out, h, c = L.LSTM(4, return_state=True)(x)
        return L.Concatenate()([out, h, c, L.LSTM(4)(x, initial_state=[h, c])])

    return _branches(
        k,
        (6, 5),
        {
            "conv": lambda x: L.Conv1D(3, 3, strides=2, activation="relu")(x),
            "conv_causal": lambda x: L.Conv1D(3, 3, padding="causal", dilation_rate=2, activation="tanh")(x),
            "conv_causal_strided": lambda x: L.Conv1D(3, 4, padding="causal", strides=2)(x),
            "conv_skipping": lambda x: L.Conv1D(3, 2, strides=4, padding="same")(x),
            "transpose": lambda x: L.Conv1DTranspose(3, 4, strides=2, padding="same")(x),
            "depthwise": lambda x: L.DepthwiseConv1D(3, depth_multiplier=2, strides=2)(x),
            "separable": lambda x: L.SeparableConv1D(4, 2, dilation_rate=2, depth_multiplier=2)(x),
            "pool": lambda x: L.MaxPooling1D(2, strides=3)(x),
            "pool_average": lambda x: L.AveragePooling1D(3, padding="same")(x),
            "global_average": lambda x: L.GlobalAveragePooling1D(keepdims=True)(x),
            "global_max": lambda x: L.GlobalMaxPooling1D()(x),
            "padded": lambda x: L.ZeroPadding1D((1, 3))(x),
            "cropped": lambda x: L.Cropping1D((1, 2))(x),
            "up": lambda x: L.UpSampling1D(3)(x),
            "dense": lambda x: L.Dense(3, activation="softmax")(x),
            "bn_over_time": lambda x: L.BatchNormalization(axis=1)(x),
            "dot": lambda x: L.Dot(axes=(2, 2))([x, L.Dense(5)(x)]),
            "rnn_simple": lambda x: L.SimpleRNN(4, return_sequences=True, go_backwards=True)(x),
            "rnn_lstm": lambda x: L.LSTM(4, use_bias=False, recurrent_dropout=0.2, activation="softsign")(x),
            "rnn_gru": lambda x: L.GRU(4, reset_after=False, return_sequences=True, unroll=True)(x),
            "rnn_states": with_state,
            "rnn_cell": lambda x: L.RNN(L.GRUCell(4, reset_after=False), return_sequences=True)(x),
            "rnn_stacked": lambda x: L.RNN(stacked(), return_sequences=True)(x),
            "both": lambda x: L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="sum")(x),
            "both_ends": lambda x: L.Bidirectional(L.GRU(3, reset_after=False))(x),
            "both_apart": lambda x: L.Bidirectional(L.SimpleRNN(3), merge_mode=None)(x)[1],
            "each": lambda x: L.TimeDistributed(L.Dense(3, activation="relu"))(x),
            "each_of_several": lambda x: L.TimeDistributed(L.Dense(3, activation="leaky_relu"))(x),
            "each_normalised": lambda x: L.TimeDistributed(L.BatchNormalization())(x),
            "each_model": lambda x: L.TimeDistributed(
                k.Sequential([k.Input((5,)), L.Dense(3), L.BatchNormalization()])
            )(x),
        },
    )


def volumes(k: Any) -> Any:
    L = k.layers  # noqa: N806
    return _branches(
        k,
        (4, 6, 5, 3),
        {
            "conv": lambda x: L.Conv3D(4, (2, 3, 2), strides=(1, 2, 1), padding="same", activation="relu")(x),
            "pool": lambda x: L.MaxPooling3D((2, 3, 2))(x),
            "pool_below_zero": lambda x: L.MaxPooling3D((2, 3, 3), strides=(1, 2, 3), padding="same")(x - 9.0),
            "pool_average": lambda x: L.AveragePooling3D(2, padding="same")(x),
            "global_average": lambda x: L.GlobalAveragePooling3D()(x),
            "global_max": lambda x: L.GlobalMaxPooling3D(keepdims=True)(x),
            "bn": lambda x: L.BatchNormalization()(x),
            "conv_lstm": lambda x: L.ConvLSTM2D(3, (3, 2), padding="same", return_sequences=True)(x),
            "frames": lambda x: L.TimeDistributed(L.Conv2D(2, 3, strides=2))(x),
        },
    )


def masked(k: Any) -> Any:
    """Several inputs, masks by index and by value, each read by the layer that follows."""
    L = k.layers  # noqa: N806
    words, series = k.Input((7,), dtype="int32", name="words"), k.Input((5, 3), name="series")
    x = L.Dropout(0.2)(L.Embedding(20, 5, mask_zero=True)(words))
    y = L.Bidirectional(L.LSTM(3))(L.LSTM(4, return_sequences=True)(x))
    z = L.GRU(2, reset_after=False)(L.Masking(0.5)(series))
    return k.Model([words, series], {"read": L.Dense(2)(y), "again": z}, name="masked")


def nested(k: Any) -> Any:
    """Models in models, called twice, with layers of one name, and a shared layer whose second call waits for its first."""
    L = k.layers  # noqa: N806
    inner = k.Sequential([k.Input((6,)), L.Dense(4, activation="leaky_relu", name="same"), L.Dense(3)], name="inner")
    one = k.Input((3,))
    sub = k.Model(one, [L.Dense(2, name="same")(one), L.BatchNormalization()(one)], name="sub")
    a, b = k.Input((6,), name="a"), k.Input((6,), name="b")
    p, q = inner(a), inner(b)
    (r, t), (u, v) = sub(p), sub(q)
    shared = L.Dense(3, activation="tanh", name="shared")
    deep = shared(L.Dense(3)(shared(p)))
    number = k.Input((), name="number")  # which the whole model couldn't be given, and one in it can
    of_numbers = k.Model(number, L.Flatten()(number * 2.0), name="of_numbers")
    outputs = [r, u, t, L.Concatenate(axis=-1)([v, p - q, deep]), shared(q), of_numbers(L.Reshape(())(L.Dense(1)(p)))]
    return k.Model([a, b], outputs, name="nested")


def stack(k: Any) -> Any:
    """A Sequential that stays one, with names that TensorFlow.js refuses, in mixed precision's policy."""
    L = k.layers  # noqa: N806
    return k.Sequential(
        [
            k.Input((8, 5, 3), name="a picture"),
            L.Rescaling(1 / 255),
            L.Conv2D(4, 3, kernel_regularizer="l2", name="größe"),
            L.BatchNormalization(),
            L.ReLU(6.0),
            L.MaxPooling2D(2),
            L.Flatten(),
            L.Dense(6, activation="relu"),
            L.Dense(3, activation="softmax", name="_classes"),
        ],
        name="stack",
    )


MODELS: dict[str, Build] = {
    "vectors": vectors,
    "images": images,
    "augmented": augmented,
    "sequences": sequences,
    "volumes": volumes,
    "masked": masked,
    "nested": nested,
    "stack": stack,
}

NOT_IN_HDF5 = frozenset({"augmented"})

MASKED = frozenset({"masked", "old"})
"""Those in which a mask reaches a recurrent layer: webgpu fails on it."""


def backends_of(name: str) -> tuple[Backend, ...]:
    """What a model is made for."""
    return tuple(backend for backend in BACKENDS if backend != "webgpu" or name not in MASKED)


def randomized(model: Any, seed: int = 1) -> Any:
    """Weights and statistics as if trained: none at its initial value, variances positive."""
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        if "float" not in str(variable.dtype):
            continue
        value = rng.normal(0.1, 0.4, variable.shape)
        variable.assign(0.3 + np.abs(value) if "variance" in variable.path else value)
    return model


def given(model: Any, seed: int = 2, rows: int = 3) -> list[Any]:
    """Inputs by position: floats around 0, some of them equal to Masking's value; indices with zeros at the end."""
    rng = np.random.default_rng(seed)
    arrays = []
    for tensor in model.inputs:
        shape = (rows, *tensor.shape[1:])
        if "int" in str(tensor.dtype):
            array = rng.integers(1, 20, shape).astype("int32")
            array[0, -3:] = 0
        else:
            array = rng.normal(0.0, 2.0, shape).astype("float32")
        if tensor.name == "series":
            array[1, -2:] = 0.5
        arrays.append(array)
    return arrays


def of_keras_2(k: Any) -> Any:
    """For ``tf_keras``: shared and nested models, masks, RNN cells, and the functions that Keras 2 computes its own way."""
    L = k.layers  # noqa: N806
    words, picture = k.Input((6,), dtype="int32", name="words"), k.Input((8, 7, 3), name="picture")
    x = L.Embedding(12, 5, mask_zero=True)(words)
    x = L.Bidirectional(L.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True), merge_mode="mul")(x)
    x = L.GRU(5, reset_after=False, name="gru")(x)
    tower = k.Sequential(
        [
            k.Input((8, 7, 3)),
            L.Conv2D(4, 3, activation="relu"),
            L.BatchNormalization(),
            L.DepthwiseConv2D(2, use_bias=False),
            L.LeakyReLU(alpha=0.2),
            L.GlobalAveragePooling2D(),
        ],
        name="tower",
    )
    scale = k.Sequential([k.Input((4,)), L.Dense(5, activation="hard_sigmoid", name="inner")], name="scale")
    y = scale(tower(picture))
    z = L.Concatenate()([x, y, L.Dense(3, name="inner")(y)])
    hard = y * ((2.0 - L.ReLU(6.0)(x + 3.0)) / 6.0)
    return k.Model([words, picture], [L.Dense(3, activation="softmax")(z), L.Multiply()([x, y]), hard], name="old")
