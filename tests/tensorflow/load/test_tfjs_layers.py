"""Layers models turned back into Keras: those that TensorFlow.js made give its predictions, ours give Keras' own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layers_cases import MODELS, backends_of, given, randomized
from tfjs_made import Made, make_all

from tfjsci import api
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.errors import ConversionFailed, CorruptModel
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.layers.layers_model import layers_model
from tfjsci.layers.way_back import NoWayBack
from tfjsci.layers.web import read_web_model
from tfjsci.load.load import load
from tfjsci.load.tfjs_layers import keras_of

CLOSE = 2e-6
"""Of the largest value: sums in another order. Both compute in float32 on the CPU."""

TAKES_LONG = frozenset({"augmented", "sequences", "volumes"})
"""What the other models and those of TensorFlow.js hold, too, in more variants."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    return make_all(tmp_path_factory.mktemp("made"))


def assert_close(found: Any, wanted: Any) -> None:
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE * max(1.0, float(np.abs(wanted).max())))


def predicted(model: Any, arrays: list[Any]) -> list[Any]:
    out = model(arrays if len(arrays) > 1 else arrays[0], training=False)
    return [np.asarray(value) for value in keras().tree.flatten(out)]


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("sequential", "keras"), ("functional", "keras"), ("masked", "keras"), ("recurrent", "keras"),
        ("sequential", "h5"), ("functional", "h5"), ("recurrent", "h5"),
    ],
)  # fmt: skip
def test_what_tensorflow_js_saved_predicts_the_same_as_a_keras_file(
    made: dict[str, Made], tmp_path: Path, name: str, to: str
) -> None:
    case = made[name]
    done = api.convert(case.folder, tmp_path / f"model.{to}", output_format=to)
    assert (done.input_format, done.output_format, done.files) == ("tfjs_layers_model", to, (f"model.{to}",))
    assert [path.name for path in tmp_path.iterdir()] == [f"model.{to}"], "nothing temporary is left"
    model = keras().saving.load_model(tmp_path / f"model.{to}", compile=False)
    assert [tensor.name for tensor in model.inputs] == list(case.inputs)
    for found, wanted in zip(predicted(model, list(case.inputs.values())), case.outputs, strict=True):
        assert_close(found, wanted)


@pytest.mark.parametrize("name", ["sequential", "functional", "masked", "recurrent", "hardGates"])
def test_as_a_graph_it_computes_what_tensorflow_js_does(made: dict[str, Made], name: str) -> None:
    loaded = load(made[name].folder)
    assert loaded.format == "tfjs_layers_model"
    assert [spec.name for spec in loaded.inputs] == list(made[name].inputs)
    found = loaded.original(made[name].inputs)
    assert list(found) == [spec.name for spec in loaded.outputs]
    for value, wanted in zip(found.values(), made[name].outputs, strict=True):
        assert_close(value, wanted)


def test_the_names_of_a_signature_are_kept(made: dict[str, Made], tmp_path: Path) -> None:
    source = shutil.copytree(made["functional"].folder, tmp_path / "a")
    document = json.loads((source / "model.json").read_text(encoding="utf-8"))
    document["signature"] = {"inputs": {"a": {}, "b": {}}, "outputs": {"z": {}, "y": {}, "x": {}}}
    (source / "model.json").write_text(json.dumps(document), encoding="utf-8")
    loaded = load(source)
    arrays = dict(zip(("a", "b"), made["functional"].inputs.values(), strict=True))
    found = loaded.original(arrays)
    assert list(found) == [spec.name for spec in loaded.outputs] == ["z", "y", "x"]
    for value, wanted in zip(found.values(), made["functional"].outputs, strict=True):
        assert_close(value, wanted)


def test_outputs_that_a_keras_file_calls_otherwise_are_named(tmp_path: Path) -> None:
    """Those of a dictionary; the near miss is a layer's own name, its second output's too."""
    k = keras()
    x = k.Input((4,), name="x")
    y, z = k.layers.Dense(3, name="dense")(x), k.layers.Dense(2, name="z")(x)
    made = api.convert(k.Model(x, {"y": y, "z": z}), tmp_path / "web", output_format="layers")
    done = api.convert(made, tmp_path / "back.keras", output_format="keras")
    assert done.notes == ("the output 'y' is called after its layer, dense: a Keras file has no other names",)
    model = k.saving.load_model(tmp_path / "back.keras")
    assert list(model.output_names) == ["dense", "z"]


def test_as_a_saved_model_it_is_called_by_the_same_names(made: dict[str, Made], tmp_path: Path) -> None:
    case = made["functional"]
    api.convert(case.folder, tmp_path / "saved", output_format="saved_model")
    tf = tensorflow()
    serve = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    found = serve(**{name: tf.constant(value) for name, value in case.inputs.items()})
    assert set(found) == {"second", "first", "third"}
    for name, wanted in zip(("second", "first", "third"), case.outputs, strict=True):
        assert_close(found[name].numpy(), wanted)


def test_gates_that_keras_hasnt_got_are_named_and_nothing_is_written(made: dict[str, Made], tmp_path: Path) -> None:
    with pytest.raises(
        NoWayBack, match=r"its recurrent_activation is hard_sigmoid, .* in a graph model .* it is exact"
    ):
        api.convert(made["hardGates"].folder, tmp_path / "model.keras", output_format="keras")
    assert list(tmp_path.iterdir()) == []


def test_what_keras_cannot_read_back_is_named_and_nothing_is_written(made: dict[str, Made], tmp_path: Path) -> None:
    with pytest.raises(ConversionFailed, match=r"can't read masked back from \.h5: Unknown layer: 'NotEqual'"):
        api.convert(made["masked"].folder, tmp_path / "model.h5", output_format="h5")
    assert list(tmp_path.iterdir()) == []


def test_missing_and_unfitting_weights_are_named(made: dict[str, Made], tmp_path: Path) -> None:
    source = shutil.copytree(made["sequential"].folder, tmp_path / "a")
    text = (source / "model.json").read_text(encoding="utf-8")
    (source / "model.json").write_text(text.replace('"dense_Dense1/bias"', '"dense_Dense1/offset"'), encoding="utf-8")
    with pytest.raises((CorruptModel, NoWayBack), match="dense_Dense1"):
        keras_of(read_web_model(source), to_be_saved=True)
    document = json.loads(text)
    entries = {entry["name"]: entry for entry in document["weightsManifest"][0]["weights"]}
    kernel = entries["dense_Dense2/kernel"]
    kernel["shape"] = kernel["shape"][::-1]
    (source / "model.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(CorruptModel, match=r"dense_Dense2/kernel has the shape \[3, 4\], and \[4, 3\] is wanted"):
        keras_of(read_web_model(source), to_be_saved=True)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in TAKES_LONG else []) for name in MODELS]
)
def test_a_keras_model_comes_back_from_its_layers_model(tmp_path: Path, name: str) -> None:
    k = keras()
    k.backend.clear_session()
    model = randomized(MODELS[name](k))
    arrays = given(model)
    wanted = predicted(model, arrays)
    model.save(tmp_path / "model.keras")
    with layers_model(tmp_path / "model.keras", backends=backends_of(name)) as layers:
        write_layers_model(layers, folder=tmp_path / "web")
    back = keras_of(read_web_model(tmp_path / "web"), to_be_saved=False)
    for found, value in zip(predicted(back, arrays), wanted, strict=True):
        assert_close(found, value)
