"""What Keras itself writes is let through: every class of it that can be made, as the .keras and as the .h5 format have it.

The near misses, which are refused, are in test_keras_config.py.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from tfjsci.graph.tensorflow import keras
from tfjsci.load.keras_config import code_in
from tfjsci.load.keras_file import _own_functions

RUN_CODE = {"Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper"}
"""Layers that are refused on purpose."""

OF_OTHERS = {
    "Wrapper",
    "SpectralNormalization",
    "Bidirectional",
    "TimeDistributed",
    "RNN",
    "StackedRNNCells",
    "Pipeline",
}
"""Layers around layers: they have a test of their own."""

BASES = {"Layer", "InputSpec", "Initializer", "Regularizer", "Constraint", "Loss", "Metric", "Optimizer", "Quantizer"}
"""Not written into files."""

# One of these fits each class; what each argument is called is all that matters here.
COMMON = {
    "activation": "relu", "axes": 1, "axis": -1, "batch_norm": None, "bin_boundaries": [0.0, 1.0], "cropping": 1,
    "equation": "ab,bc->ac", "factor": 0.2, "filters": 2, "head_dim": 2, "height": 4, "height_factor": 0.2,
    "input_dim": 4, "kernel_size": 3, "key_dim": 2, "l1": 0.1, "max_number": 3, "n": 2, "num_bins": 4, "num_heads": 2,
    "num_key_value_heads": 1, "num_query_heads": 2, "num_tokens": 3, "output_dim": 3, "output_shape": 4,
    "output_size": 2, "pool_size": 2, "rate": 0.2, "recall": 0.5, "precision": 0.5, "sensitivity": 0.5,
    "specificity": 0.5, "num_classes": 3, "target_class_ids": [0], "scale": 2.0, "shape": (3,), "stddev": 0.2,
    "target_shape": (3,),
    "units": 3, "value": 1.0, "width": 4, "width_factor": 0.2, "dims": (2, 1), "max_value": 1.0, "gain": 1.0,
}  # fmt: skip
OWN = {"RandomPosterization": {"factor": 4}, "Discretization": {"bin_boundaries": [0.0, 1.0]}}


def classes(module: Any) -> dict[str, type]:
    """The public classes, each once."""
    return {name: value for name, value in vars(module).items() if inspect.isclass(value) and not name.startswith("_")}


def made(module: Any, *, skip: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """An instance of every class of ``module``; one that can't be made fails the test, so that none is forgotten."""
    found = {}
    for name, kind in classes(module).items():
        if name in skip | BASES:
            continue
        needed = [
            p.name
            for p in list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
            if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        given = OWN.get(kind.__name__) or {argument: COMMON[argument] for argument in needed}
        given = given or {argument: COMMON[argument] for argument in NEEDED_ANYWAY.get(kind.__name__, ())}
        found[name] = kind(**given)
    return found


NEEDED_ANYWAY = {"InputLayer": ("shape",), "CategoryEncoding": ("num_tokens",)}
"""What has a default and is asked for all the same."""


def as_written(thing: Any) -> Any:
    """Through JSON, as in the file."""
    return json.loads(json.dumps(keras().saving.serialize_keras_object(thing)))


def without_modules(config: Any) -> Any:
    """Keras 2 wrote neither module nor registered name."""
    if isinstance(config, dict):
        return {
            k: without_modules(v) for k, v in config.items() if k not in {"module", "registered_name", "build_config"}
        }
    return [without_modules(item) for item in config] if isinstance(config, list) else config


def test_every_layer() -> None:
    layers = made(keras().layers, skip=RUN_CODE | OF_OTHERS)
    assert len(layers) > 100
    for name, layer in layers.items():
        config = as_written(layer)
        assert code_in(config) == (), name
        assert code_in(without_modules(config)) == (), f"{name}, as Keras 2 wrote it"


def test_layers_that_run_code_are_not_let_through() -> None:
    layers = keras().layers
    assert "Lambda" in code_in(as_written(layers.Lambda(lambda x: x)))[0].reason
    for name in RUN_CODE:
        assert hasattr(layers, name)
        assert code_in({"class_name": name, "config": {}}), name
        assert code_in({"module": "keras.layers", "class_name": name, "config": {}, "registered_name": None}), name


def test_layers_around_layers() -> None:
    layers = keras().layers
    cells = layers.StackedRNNCells([layers.LSTMCell(2), layers.GRUCell(2)])
    around = [
        layers.Bidirectional(layers.LSTM(2)),
        layers.TimeDistributed(layers.Dense(2, kernel_regularizer="l2")),
        layers.SpectralNormalization(layers.Conv2D(2, 3)),
        layers.RNN(cells),
        layers.Pipeline([layers.Rescaling(2.0), layers.RandomFlip()]),
    ]
    for layer in around:
        assert code_in(as_written(layer)) == (), layer


@pytest.mark.parametrize(
    "package", ["initializers", "regularizers", "constraints", "losses", "metrics", "optimizers", "quantizers"]
)
def test_every_class_that_a_config_may_hold(package: str) -> None:
    things = made(
        getattr(keras(), package),
        skip={
            "LossScaleOptimizer",
            "MultiOptimizer",
            "OrthogonalOptimizer",
            "Muon",
            "OptimizerMap",
            "MeanMetricWrapper",
            "Sum",
            "GPTQConfig",
            "AWQConfig",
        },
    )
    assert things
    for name, thing in things.items():
        assert code_in(as_written(thing)) == (), name


def test_every_activation_by_name_and_as_a_function() -> None:
    layers, k = keras().layers, keras()
    functions = {
        name: f
        for name, f in vars(k.activations).items()
        if inspect.isfunction(f) and name not in {"get", "serialize", "deserialize"}
    }
    assert len(functions) > 20
    for name, function in functions.items():
        for given in (name, function):
            assert code_in(as_written(layers.Dense(2, activation=given))) == (), name
    for operation in (k.ops.tanh, k.ops.relu, k.activations.relu):
        assert code_in(as_written(layers.Activation(operation))) == (), operation


def test_a_function_of_keras_that_keras_itself_cannot_find_again_is_refused() -> None:
    assert code_in(as_written(keras().layers.Activation(keras().ops.sin)), own_functions=_own_functions())


def test_policies() -> None:
    k = keras()
    for policy in ("mixed_float16", "mixed_bfloat16", "float16"):
        assert code_in(as_written(k.layers.Dense(2, dtype=policy))) == ()
    dense = k.layers.Dense(8)
    dense.build((None, 8))
    dense.quantize("int8")
    assert code_in(as_written(dense)) == ()


def test_operations_in_a_functional_model_and_a_compiled_nested_one() -> None:
    k = keras()
    x = inputs = k.Input((4, 4))
    x = k.ops.relu(k.ops.concatenate([x, x * 2.0, x[:, ::2, :]], axis=1)) + 1.0
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(2)])
    inner.compile(optimizer="adam", loss=k.losses.mean_squared_error, metrics=["mae"])
    model = k.Model(inputs, inner(k.ops.mean(x, axis=1)))
    model.compile(optimizer=k.optimizers.AdamW(1e-3), loss="mse", metrics=[k.metrics.MeanSquaredError()])
    assert code_in(as_written(model), own_functions=_own_functions()) == ()
    assert code_in(as_written(model)), "near miss: the same function name, if it weren't one of Keras' own"
