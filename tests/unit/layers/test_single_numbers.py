"""An input of one number a sample stands in a layers model's way, however it comes; one inside of a nested model doesn't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import pytest
import web_models
from keras_configs import called, functional, layer, sequential, source

from tfjsci.layers.layers_model import layers_model
from tfjsci.layers.refused import NoLayersModel

REASON = (
    "(InputLayer): it takes one number of each sample, of which TensorFlow.js' predict makes a column and then refuses it "
    r"(an Input of shape (1,) is taken)"
)
RESCALING = layer("Rescaling", "scaled", scale=2.0)


def refused(path: Path) -> list[str]:
    with pytest.raises(NoLayersModel, match="can't be a layers model") as caught, layers_model(path):
        pass
    assert "--output-format graph" in (caught.value.hint or "")
    return [str(each) for each in caught.value.refusals]


def inputs_of(path: Path) -> list[Any]:
    with layers_model(path) as model:
        return [spec.shape for spec in model.inputs]


def keras_file(path: Path, config: Any) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "3.15.1"
        file.create_group("model_weights")
    return path


def test_a_sequential_and_one_of_a_functional_models_inputs(tmp_path: Path) -> None:
    assert refused(keras_file(tmp_path / "a.h5", sequential((), RESCALING))) == [f"x {REASON}"]
    assert inputs_of(keras_file(tmp_path / "b.h5", sequential((1,), RESCALING))) == [(None, 1)]
    layers = [
        source((), "price"),
        source((3,), "image"),
        called(RESCALING, "price"),
        called(layer("ReLU", "r"), "image"),
    ]
    both = functional(layers, [["price", 0, 0], ["image", 0, 0]], [["scaled", 0, 0], ["r", 0, 0]])
    assert refused(keras_file(tmp_path / "c.h5", both)) == [f"price {REASON}"]


def test_it_is_told_beside_the_layers_that_are_refused(tmp_path: Path) -> None:
    config = sequential((), layer("Activation", "odd", activation="sparsemax"))
    assert refused(keras_file(tmp_path / "m.h5", config)) == [
        f"x {REASON}",
        "odd (Activation): TensorFlow.js has no activation sparsemax",
    ]


def test_a_nested_models_input_may_be_one(tmp_path: Path) -> None:
    inner = functional([source((), "i"), called(RESCALING, "i")], ["i", 0, 0], ["scaled", 0, 0], name="inner")
    number = layer("Reshape", "number", target_shape=[])
    whole = functional([source((1,), "x"), called(number, "x"), called(inner, "number")], ["x", 0, 0], ["inner", 1, 0])
    assert inputs_of(keras_file(tmp_path / "m.h5", whole)) == [(None, 1)]


def test_a_layers_model_isnt_copied_either(tmp_path: Path) -> None:
    def saved(*shape: int | None) -> Path:
        scaled = web_models.layer("Rescaling", "scaled", scale=2.0, batch_input_shape=[*shape])
        return web_models.saved(tmp_path / f"web{shape}", web_models.sequential(scaled), {})

    assert refused(saved(None)) == refused(saved(5)) == [f"scaled_input {REASON}"]
    assert inputs_of(saved(None, 1)) == [(None, 1)]
