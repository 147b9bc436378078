"""Files of Keras 2: what Keras 3 has no argument for is left out, its hard_sigmoid is its own, nested calls are found."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tfjsci.errors import ConversionFailed, CorruptModel
from tfjsci.graph.tensorflow import keras
from tfjsci.load.keras_2 import HARD_SIGMOID, ROWS, as_keras_3, is_of_keras_2
from tfjsci.load.keras_file import load_h5
from tfjsci.load.load import load

pytestmark = pytest.mark.tensorflow

OF_KERAS_2: dict[str, dict[str, Any]] = {
    **{name: {"groups": 1} for name in ("DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose")},
    **{name: {"time_major": False} for name in ("LSTM", "GRU", "SimpleRNN")},
    "RandomFlip": {"rng_type": "stateful"},
    "MultiHeadAttention": {"query_shape": [None, 5, 4], "softmax_robust_masking": False},
    "BatchNormalization": {"axis": [3]},
}
"""What Keras 2 writes beside what Keras 3 knows."""


def layers() -> dict[str, Any]:
    layer = keras().layers
    return {
        "DepthwiseConv2D": layer.DepthwiseConv2D(2),
        "SeparableConv2D": layer.SeparableConv2D(3, 2),
        "Conv2DTranspose": layer.Conv2DTranspose(3, 2),
        "LSTM": layer.LSTM(3),
        "GRU": layer.GRU(3),
        "SimpleRNN": layer.SimpleRNN(3),
        "RandomFlip": layer.RandomFlip(),
        "MultiHeadAttention": layer.MultiHeadAttention(2, 3),
        "BatchNormalization": layer.BatchNormalization(),
    }


@pytest.mark.parametrize("name", OF_KERAS_2)
def test_each_layer_is_read_with_what_keras_2_adds(name: str) -> None:
    """And isn't without the row: else it were for nothing."""
    layer = layers()[name]
    config = {**layer.get_config(), **OF_KERAS_2[name]}
    with pytest.raises((TypeError, ValueError)):
        type(layer).from_config(json.loads(json.dumps(config)))
    mended = as_keras_3({"class_name": name, "config": json.loads(json.dumps(config))})
    again = type(layer).from_config(mended["config"])
    assert again.get_config().keys() == layer.get_config().keys()
    assert name in ROWS


def of_keras_2(tmp_path: Path, *, version: str = "2.15.0", **more: Any) -> Path:
    """A file that Keras 3 writes, as one of ``version``, with a hard sigmoid; ``more`` goes into the LSTM's config."""
    k = keras()
    x = inputs = k.Input((5, 4), name="x")
    x = k.layers.Bidirectional(k.layers.LSTM(3, recurrent_activation="hard_sigmoid", name="lstm"), name="both")(x)
    model = k.Model(inputs, k.layers.Dense(2, activation="hard_sigmoid", name="out")(x))
    draw = np.random.default_rng(3)
    for weight in model.weights:
        weight.assign(draw.normal(0.1, 0.8, weight.shape))
    file = tmp_path / f"{version}.h5"
    model.save(file)
    with h5py.File(file, "r+") as written:
        config = json.loads(written.attrs["model_config"])
        (both,) = (layer for layer in config["config"]["layers"] if layer["class_name"] == "Bidirectional")
        both["config"]["layer"]["config"].update(more)
        written.attrs["model_config"] = json.dumps(config)
        written.attrs["keras_version"] = version
    return file


def test_the_hard_sigmoid_of_keras_2_is_another_one(tmp_path: Path) -> None:
    given = {"x": np.random.default_rng(4).normal(size=(3, 5, 4)).astype("float32")}
    older = load_h5(of_keras_2(tmp_path, time_major=False)).original(given)
    newer = load_h5(of_keras_2(tmp_path, version="3.9.0")).original(given)
    by_hand = hand_made(tmp_path / "2.15.0.h5", given["x"], fifth=1 / 5)
    np.testing.assert_allclose(older["out"], by_hand, atol=1e-5)
    np.testing.assert_allclose(newer["out"], hand_made(tmp_path / "2.15.0.h5", given["x"], fifth=1 / 6), atol=1e-5)
    assert np.abs(older["out"] - newer["out"]).max() > 1e-3


def hand_made(file: Path, x: Any, *, fifth: float) -> Any:
    """The model in numpy, its hard sigmoid of this slope."""
    with h5py.File(file) as stored:
        arrays: list[Any] = []
        for layer in ("both", "out"):
            group = stored["model_weights"][layer]
            arrays += [np.asarray(group[name]) for name in group.attrs["weight_names"]]

    def hard(z: Any) -> Any:
        return np.clip(fifth * z + 0.5, 0, 1)

    def lstm(steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        h = c = np.zeros((len(x), 3))
        for step in steps:
            i, f, g, o = np.split(step @ kernel + h @ recurrent + bias, 4, axis=1)
            c = hard(f) * c + hard(i) * np.tanh(g)
            h = hard(o) * np.tanh(c)
        return h

    steps = list(x.transpose(1, 0, 2))
    both = np.concatenate([lstm(steps, *arrays[:3]), lstm(steps[::-1], *arrays[3:6])], 1)
    return hard(both @ arrays[6] + arrays[7])


def test_what_says_something_isnt_left_out(tmp_path: Path) -> None:
    with pytest.raises(CorruptModel, match="time_major"):
        load_h5(of_keras_2(tmp_path, time_major=True))
    assert [is_of_keras_2(version) for version in (b"2.4.0", "2.21.0", "1.2.2", "3.0.5", None, "")] == [True] * 3 + [
        False
    ] * 3


def test_calls_of_a_sequential_count_from_nought() -> None:
    def model(*numbers: int, output: int) -> dict[str, Any]:
        inner = {"class_name": "Sequential", "config": {"name": "inner", "layers": []}}
        nested = {"class_name": "Functional", "config": {"name": "nested", "layers": []}}
        return {
            "class_name": "Functional",
            "config": {
                "layers": [
                    {**inner, "name": "inner", "inbound_nodes": [[["x", 0, 0, {}]]] * 2},
                    {**nested, "name": "nested", "inbound_nodes": [[["x", 1, 0, {}]]]},
                    {
                        "class_name": "Add", "config": {"name": "add"}, "name": "add",
                        "inbound_nodes": [[*(["inner", n, 0, {}] for n in numbers), ["nested", 1, 0, {"mask": ["inner", 1, 0]}]]],
                    },
                ],
                "output_layers": [["inner", output, 0]],
            },
        }  # fmt: skip

    def read(config: Any) -> Any:
        (_, _, add), ends = config["config"]["layers"], config["config"]["output_layers"]
        (nodes,) = add["inbound_nodes"]
        return [node[1] for node in nodes], nodes[-1][3]["mask"], ends

    assert read(as_keras_3(model(1, 2, output=2))) == ([0, 1, 1], ["inner", 0, 0], [["inner", 1, 0]])
    untouched = model(0, 1, output=1)
    assert as_keras_3(untouched) == untouched
    assert as_keras_3({"class_name": "Dense", "config": {"activation": "hard_sigmoid"}})["config"]["activation"][
        "config"
    ] == (HARD_SIGMOID)


@pytest.mark.parametrize(("version", "activation", "refused"), [
    ("2.15.0", "hard_sigmoid", True), ("2.15.0", "sigmoid", False), ("3.15.1", "hard_sigmoid", False),
])  # fmt: skip
def test_a_keras_archive_of_keras_2_with_another_hard_sigmoid(
    tmp_path: Path, version: str, activation: str, refused: bool
) -> None:
    """Keras 3 would read it, and take its own function for it."""
    k = keras()
    k.Sequential([k.Input((4,)), k.layers.Dense(3, activation=activation)]).save(tmp_path / "now.keras")
    with zipfile.ZipFile(tmp_path / "now.keras") as now, zipfile.ZipFile(tmp_path / "old.keras", "w") as old:
        for name in now.namelist():
            told = json.dumps({"keras_version": version}) if name == "metadata.json" else now.read(name)
            old.writestr(name, told)
    if refused:
        with pytest.raises(ConversionFailed, match=r"written by Keras 2\.15\.0, whose hard_sigmoid") as said:
            load(tmp_path / "old.keras")
        assert ".h5" in str(said.value.hint)
    else:
        assert load(tmp_path / "old.keras").format == "keras"
