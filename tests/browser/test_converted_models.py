"""Converted models in the real runtime: the odd ones, whose graph may be right and whose artifact may still be misread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.browser.session import BrowserSession
from tfjsci.converter import convert, require_supported, write_variant
from tfjsci.graph.tensorflow import keras, tensorflow

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

Make = Callable[[Any, Path], Path]


def saved(model: Any, path: Path) -> Path:
    rng = np.random.default_rng(1)
    for variable in model.variables:
        if "float" in str(variable.dtype):
            variable.assign(0.5 + 0.3 * rng.random(variable.shape))
    model.save(path)
    return path


def odd_names(k: Any, folder: Path) -> Path:
    a, b = k.Input((4,), name="zebra 输入"), k.Input((4,), name="ant é")
    outputs = {"сумма": k.layers.Add()([a, b]), "x: y": k.layers.Dense(3)(k.layers.Subtract()([a, b]))}
    return saved(k.Model([a, b], outputs), folder / "m.keras")


def convolutions(k: Any, folder: Path) -> Path:
    x = inputs = k.Input((8, 8, 4), name="x")
    x = k.layers.BatchNormalization()(k.layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)(x))
    x = k.layers.Conv2D(4, 3, dilation_rate=2, activation="relu6")(x)
    return saved(
        k.Model(inputs, k.layers.Conv2DTranspose(2, 3, strides=2, activation="leaky_relu")(x)), folder / "m.keras"
    )


def attention(k: Any, folder: Path) -> Path:
    words = k.Input((6,), dtype="int64", name="words")
    x = k.layers.LayerNormalization()(k.layers.Embedding(9, 8)(words))
    weights = k.ops.softmax(k.ops.matmul(x, k.ops.transpose(x, (0, 2, 1))) / 8.0)
    x = x + k.ops.matmul(weights, k.layers.Dense(8)(x))
    return saved(k.Model(words, k.layers.Dense(3, activation="tanh")(x)), folder / "m.keras")


def half_precision(k: Any, folder: Path) -> Path:
    x = inputs = k.Input((8, 8, 3), name="x", dtype="float32")
    x = k.layers.Conv2D(4, 3, activation="relu", dtype="mixed_float16")(x)
    return saved(k.Model(inputs, k.layers.Dense(3, dtype="float32")(k.layers.Flatten()(x))), folder / "m.keras")


def unrolled(k: Any, folder: Path) -> Path:
    x = inputs = k.Input((5, 3), name="x")
    return saved(k.Model(inputs, k.layers.LSTM(4, unroll=True)(x)), folder / "m.keras")


def inputs_and_constants_as_outputs(k: Any, folder: Path) -> Path:
    tf = tensorflow()
    v = tf.Variable([4.0, 5.0], name="v")

    def run(x: Any) -> Any:
        y = x * 2.0
        first, second = tf.split(y, 2)
        return {
            "same": x,
            "y": y,
            "again": y,
            "weight": v.read_value(),
            "second": second,
            "bool": x > 0.0,
            "int": tf.cast(first, "int64"),
        }

    module = tf.Module()
    module.v = v
    module.run = tf.function(run, input_signature=[tf.TensorSpec((2,), name="x")])
    tf.saved_model.save(module, str(folder / "m"), signatures=module.run)
    return folder / "m"


@pytest.mark.parametrize(
    ("make", "close"),
    [
        (odd_names, 1e-6),
        (convolutions, 1e-5),
        (attention, 1e-5),
        (half_precision, 2e-2),  # the original rounds to 11 bits inside, the browser doesn't
        (unrolled, 1e-5),
        (inputs_and_constants_as_outputs, 0.0),
    ],
)
@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_the_runtime_gives_the_originals_answers(
    browser_session: BrowserSession, tmp_path: Path, make: Make, close: float, backend: Any
) -> None:
    model = convert(make(keras(), tmp_path), backends=[backend])
    require_supported(model.check)
    write_variant(model, tmp_path / "artifact")
    rng = np.random.default_rng(2)
    given: dict[str, Any] = {}
    for spec in model.inputs:
        shape = tuple(size or 2 for size in spec.shape or ())
        given[spec.name] = (
            rng.integers(0, 5, shape) if spec.dtype == "int64" else rng.normal(size=shape).astype(spec.dtype)
        )
    original = model.loaded.original(given)
    (prediction,) = browser_session.predict(tmp_path / "artifact", backend, [given], deadline_seconds=60)
    assert sorted(prediction.outputs) == sorted(original)
    for name, wanted in original.items():
        ours = prediction.outputs[name]
        assert ours.shape == wanted.shape, name
        spread = float(np.abs(wanted.astype(np.float64)).max())
        np.testing.assert_allclose(
            ours.astype(np.float64), wanted.astype(np.float64), atol=close * max(spread, 1.0), rtol=0, err_msg=name
        )
