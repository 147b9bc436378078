"""Recurrent layers of models for GPUs alone: fewer kernels, the same numbers, and weights as they are stored for all backends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from control_flow_models import sample_of

from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import readings_of
from tfjsci.converter import Converted, convert
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import node_of
from tfjsci.graph.tensorflow import keras
from tfjsci.quantize.channels import channel_axes
from tfjsci.verify.verify import verify

pytestmark = pytest.mark.tensorflow

GPUS: tuple[Backend, ...] = ("webgl", "webgpu")
STEPS = 6

Layer = Callable[[Any, Any], Any]
"""Keras' layers and a symbolic sequence -> what comes out."""


def both(cell: str, **options: Any) -> Layer:
    return lambda layers, x: layers.Bidirectional(getattr(layers, cell)(3, **options))(x)


LAYERS: dict[str, tuple[Layer, dict[str, int]]] = {
    "lstm": (
        lambda layers, x: layers.LSTM(3)(x),
        {"_FusedMatMul": STEPS + 1, "FusedBatchNormV3": 2 * STEPS, "Sigmoid": 0, "Tanh": STEPS},
    ),
    "lstm without a bias": (
        lambda layers, x: layers.LSTM(3, use_bias=False, return_state=True)(x),
        {"_FusedMatMul": STEPS, "FusedBatchNormV3": 2 * STEPS, "Sigmoid": 0},
    ),
    "both directions": (
        both("LSTM", return_sequences=True),
        {"_FusedMatMul": STEPS + 2, "FusedBatchNormV3": 2 * STEPS, "Sigmoid": 0, "Tanh": STEPS},
    ),
    "gru": (
        lambda layers, x: layers.GRU(3, return_sequences=True)(x),
        {"_FusedMatMul": 2 * STEPS + 1, "FusedBatchNormV3": 2 * STEPS, "Sigmoid": 0, "Tanh": STEPS},
    ),
    "gru, both directions": (
        both("GRU"),
        {"_FusedMatMul": STEPS + 2, "FusedBatchNormV3": 2 * STEPS, "MatMul": 0, "Tanh": STEPS},
    ),
    "gru, reset before": (lambda layers, x: layers.GRU(3, reset_after=False)(x), {"FusedBatchNormV3": STEPS}),
    "masked": (lambda layers, x: layers.GRU(3)(layers.Masking()(x)), {}),
    "simple": (lambda layers, x: layers.SimpleRNN(3)(x), {"_FusedMatMul": STEPS + 1, "Tanh": STEPS}),
    "other activations": (
        lambda layers, x: layers.LSTM(3, activation="relu", recurrent_activation="hard_sigmoid")(x),
        {"FusedBatchNormV3": 0},
    ),
    "a sum around a layer": (
        lambda layers, x: layers.Add()([layers.Dense(5, use_bias=False)(x), layers.Dense(5)(x)]),
        {},
    ),
}


def converted(layer: Layer, folder: Path, backends: tuple[Backend, ...], *, steps: int | None = STEPS) -> Converted:
    k = keras()
    k.backend.clear_session()
    x = k.Input((steps, 5), name="x")
    model = k.Model(x, layer(k.layers, x))
    rng = np.random.default_rng(3)
    for variable in model.variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.4))
    model.save(folder / "model.keras")
    made = convert(folder / "model.keras", backends=backends)
    assert not made.check.unsupported, made.check.unsupported
    return made


@pytest.mark.parametrize("steps", [STEPS, None])
@pytest.mark.parametrize("name", LAYERS)
def test_the_same_numbers(tmp_path: Path, name: str, steps: int | None) -> None:
    layer, wanted = LAYERS[name]
    model = converted(layer, tmp_path, GPUS, steps=steps)
    found = Counter(node.op for node in model.graph.nodes)
    if steps:
        assert {op: found[op] for op in wanted} == wanted
    samples = zip(model.inputs, sample_of(model.inputs).values(), strict=True)
    result = verify(
        model.loaded.graph,
        model.graph,
        inputs={node_of(spec.tensor): value for spec, value in samples},
        outputs=[spec.name for spec in model.outputs],
        means=model.means,
    )
    assert (result.status, result.reason) == ("same", result.reason)


@pytest.mark.parametrize("name", ["lstm", "both directions", "gru", "gru, both directions"])
def test_weights_are_stored_quantised_and_calibrated_as_for_all_backends(tmp_path: Path, name: str) -> None:
    layer, _ = LAYERS[name]
    everywhere, gpus = (converted(layer, tmp_path, backends).graph for backends in (BACKENDS, GPUS))
    kernels = {name: each.value for name, each in everywhere.constants.items() if each.value.ndim == 2 and each.sources}
    assert kernels
    plain = plain_ops(gpus)
    for weight, value in kernels.items():
        np.testing.assert_array_equal(gpus.constants[weight].value, value)
        assert channel_axes(gpus, weight) == channel_axes(everywhere, weight) == (1,)
        assert not isinstance(readings_of(plain, weight), str)
