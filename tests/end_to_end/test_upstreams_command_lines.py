"""tensorflowjs_converter's own command lines, a line for each pair of formats; what comes out runs in the browser, or in Keras.

Two inputs, two outputs of other sizes, no square, batch norm with statistics of its own: nothing comes out right by chance.
"""

from __future__ import annotations

import importlib
import json
import shutil
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from end_to_end.command import DIGITS

import tfjsci
from tfjsci.browser.session import BrowserSession
from tfjsci.cli.dropin.command import main
from tfjsci.errors import TfjsciError
from tfjsci.graph.tensorflow import keras, tensorflow


@dataclass(frozen=True, kw_only=True)
class Models:
    """One model in every format; ``inputs`` by name, ``outputs`` by their width."""

    folder: Path
    inputs: dict[str, Any]
    outputs: dict[int, Any]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    k, tf = keras(), tensorflow()
    folder = tmp_path_factory.mktemp("models with a space")
    image, more = k.Input((7, 9, 3), name="image"), k.Input((5,), name="more")
    x = k.layers.Conv2D(4, (2, 3), strides=(1, 2), padding="same", name="conv")(image)
    x = k.layers.ReLU(name="relu")(k.layers.BatchNormalization(name="norm")(x))
    x = k.layers.Concatenate(name="both")([k.layers.GlobalAveragePooling2D(name="pool")(x), more])
    outputs = [k.layers.Dense(3, activation="softmax", name="zeta")(x), k.layers.Dense(2, name="alpha")(x)]
    model = k.Model([image, more], outputs)
    rng = np.random.default_rng(7)
    for variable in model.variables:
        variable.assign(0.5 + 0.3 * rng.random(variable.shape))
    given = {
        "image": rng.random((2, 7, 9, 3), dtype=np.float32),
        "more": rng.random((2, 5), dtype=np.float32),
    }
    predicted = [np.asarray(each) for each in model(list(given.values()), training=False)]
    model.save(folder / "model.h5")
    model.save(folder / "model.keras")
    model.export(folder / "saved", verbose=False)
    with zipfile.ZipFile(folder / "model.keras") as zipped:
        zipped.extractall(folder / "unpacked")
    model.save_weights(folder / "counted.weights.h5")
    with (
        h5py.File(folder / "model.h5") as whole,
        h5py.File(folder / "named.h5", "w") as weights,
    ):  # as Keras 2 saves weights
        for name in whole["model_weights"]:
            whole["model_weights"].copy(name, weights)
        for name in ("layer_names", "keras_version", "backend"):
            weights.attrs[name] = whole["model_weights"].attrs[name]
    (folder / "architecture.json").write_text(model.to_json(), encoding="utf-8")
    with tarfile.open(folder / "hub.tar.gz", "w:gz") as archive:
        archive.add(folder / "saved", arcname=".")
    (folder / "frozen.pb").write_bytes(frozen(tf, model))
    return Models(folder=folder, inputs=given, outputs={each.shape[1]: each for each in predicted})


def frozen(tf: Any, model: Any) -> bytes:
    convert = importlib.import_module("tensorflow.python.framework.convert_to_constants")
    specs = [tf.TensorSpec([None, 7, 9, 3], name="image"), tf.TensorSpec([None, 5], name="more")]
    concrete = tf.function(lambda image, more: model([image, more], training=False)).get_concrete_function(*specs)
    graph = convert.convert_variables_to_constants_v2(concrete).graph.as_graph_def()
    named = {node.name for node in graph.node}
    assert {"Identity", "Identity_1", "image", "more"} <= named
    serialized: bytes = graph.SerializeToString()
    return serialized


def run(*arguments: object) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert left.value.code == 0


def assert_right(outputs: Sequence[Any], models: Models) -> None:
    assert sorted(np.shape(each)[1] for each in outputs) == sorted(models.outputs)
    for found in outputs:
        np.testing.assert_allclose(found, models.outputs[np.shape(found)[1]], atol=2e-5)


GRAPH_LINES = {
    "tf_saved_model": (["--input_format=tf_saved_model"], "saved"),
    "all flags": (
        [
            "--input_format=tf_saved_model", "--output_format=tfjs_graph_model", "--signature_name=serving_default",
            "--saved_model_tags=serve", "--strip_debug_ops=False", "--control_flow_v2=True", "--skip_op_check",
            "--use_structured_outputs_names=True", "--weight_shard_size_bytes=500",
        ],
        "saved",
    ),
    "none": ([], "saved"),
    "tf_hub": (["--input_format=tf_hub"], "hub.tar.gz"),
    "tf_frozen_model": (["--input_format=tf_frozen_model", "--output_node_names=Identity,Identity_1"], "frozen.pb"),
    "keras": (["--input_format=keras", "--output_format=tfjs_graph_model"], "model.h5"),
    "keras_keras": (["--input_format=keras_keras", "--output_format=tfjs_graph_model"], "model.keras"),
}  # fmt: skip


def test_graph_models(models: Models, browser_session: BrowserSession, tmp_path: Path) -> None:
    for name, (options, source) in GRAPH_LINES.items():
        out = tmp_path / name
        run(*options, models.folder / source, out)
        model = tfjsci.load_graph_model(out, "wasm", session=browser_session)
        assert sorted(spec.name for spec in model.inputs) == ["image", "more"], name
        assert_right(list(model.predict(models.inputs).values()), models)
    assert len(list((tmp_path / "all flags").glob("*.bin"))) > 1


def test_a_keras_model_in_parts(models: Models, browser_session: BrowserSession, tmp_path: Path) -> None:
    """An unpacked archive, and weights alone with the model's JSON, in both of Keras' ways: graph models and layers models."""
    run(models.folder / "unpacked", tmp_path / "layers")
    layers = tfjsci.load_layers_model(tmp_path / "layers", "wasm", session=browser_session)
    assert_right(list(layers.predict(models.inputs).values()), models)
    for name in ("unpacked", "counted.weights.h5", "named.h5"):
        architecture = None if name == "unpacked" else models.folder / "architecture.json"
        made = tfjsci.convert(models.folder / name, tmp_path / name, architecture=architecture)
        assert (made.source, made.input_format) == (name, "keras" if name == "unpacked" else "h5")
        graph = tfjsci.load_graph_model(made, "wasm", session=browser_session)
        assert_right(list(graph.predict(models.inputs).values()), models)
    another = json.loads((models.folder / "architecture.json").read_text(encoding="utf-8"))
    dense = next(layer for layer in another["config"]["layers"] if layer["name"] == "zeta")
    dense["config"]["units"] = 4
    (tmp_path / "another.json").write_text(json.dumps(another), encoding="utf-8")
    for name in ("counted.weights.h5", "named.h5"):
        with pytest.raises(TfjsciError, match=rf"can't load {name}"):
            tfjsci.convert(models.folder / name, tmp_path / "none", architecture=tmp_path / "another.json")
    assert not (tmp_path / "none").exists()


@pytest.fixture(scope="module")
def layers(models: Models) -> Path:
    out = models.folder / "layers"
    run("--input_format=keras", models.folder / "model.h5", out)
    return out


def test_layers_models_and_what_is_made_of_them(
    models: Models, layers: Path, browser_session: BrowserSession, tmp_path: Path
) -> None:
    again = ["--input_format=tfjs_layers_model", "--output_format=tfjs_layers_model", "--quantize_uint16=*kernel"]
    run(*again, layers / "model.json", tmp_path / "again")
    run("--input_format=keras_keras", models.folder / "model.keras", tmp_path / "keras")
    for folder, close in ((layers, 2e-5), (tmp_path / "keras", 2e-5), (tmp_path / "again", 1e-3)):
        model = tfjsci.load_layers_model(folder, "wasm", session=browser_session)
        for name, found in model.predict(models.inputs).items():
            np.testing.assert_allclose(found, models.outputs[found.shape[1]], atol=close, err_msg=f"{folder}: {name}")
    to_graph = ["--input_format=tfjs_layers_model", "--output_format=tfjs_graph_model"]
    run(*to_graph, layers / "model.json", tmp_path / "graph")
    graph = tfjsci.load_graph_model(tmp_path / "graph", "wasm", session=browser_session)
    assert_right(list(graph.predict(models.inputs).values()), models)


def test_a_layers_model_that_webgpu_alone_cannot_run(
    browser_session: BrowserSession, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Upstream's command line names no backends, and existing scripts convert models with masks."""
    k = keras()
    words = k.Input((5,), dtype="int32", name="words")
    x = k.layers.LSTM(3, name="read")(k.layers.Embedding(9, 4, mask_zero=True, name="embed")(words))
    model = k.Model(words, k.layers.Dense(2, name="out")(x))
    model.save(tmp_path / "model.h5")
    run("--input_format=keras", tmp_path / "model.h5", tmp_path / "web")
    assert "note: it can't run on webgpu: read (LSTM): a mask reaches it" in capfd.readouterr().err
    given = np.array([[3, 1, 4, 0, 0], [1, 5, 8, 2, 6]], np.int32)
    found = tfjsci.load_layers_model(tmp_path / "web", "wasm", session=browser_session).predict(given)
    np.testing.assert_allclose(next(iter(found.values())), np.asarray(model(given, training=False)), atol=2e-5)
    with pytest.raises(TfjsciError, match=r"without webgpu in --backends"):
        tfjsci.convert(tmp_path / "model.h5", tmp_path / "none", output_format="layers")
    tfjsci.convert(tmp_path / "model.h5", tmp_path / "some", output_format="layers", backends=["webgl", "wasm"])
    model.save(tmp_path / "model.keras")
    assert tfjsci.convert(tmp_path / "model.keras", tmp_path / "graph", output_format="auto").output_format == "graph"


def test_a_keras_model_beside_a_graph(browser_session: BrowserSession, tmp_path: Path) -> None:
    """A SavedModel that tf_keras 2.21 wrote (its graph taken out): a nested model, a bidirectional LSTM, an optimizer."""
    saved = Path(__file__).parent / "golden" / "tf_keras_saved_model"
    run("--input_format=keras_saved_model", saved, tmp_path / "web")
    with np.load(saved.with_suffix(".npz")) as file:
        arrays = {name: file[name] for name in file.files}
    model = tfjsci.load_layers_model(tmp_path / "web", "wasm", session=browser_session)
    found = model.predict(arrays["image"], arrays["more"])
    assert list(found) == ["zeta", "alpha"]
    for i, value in enumerate(found.values()):
        np.testing.assert_allclose(value, arrays[f"out{i}"], atol=2e-5)
    broken = tmp_path / "broken"
    shutil.copytree(saved, broken)
    (broken / "keras_metadata.pb").write_bytes((saved / "keras_metadata.pb").read_bytes()[:1000])
    for folder, words in (
        (broken, "keras_metadata.pb can't be read"),
        (DIGITS / "digits_savedmodel", "unpacked .keras"),
    ):
        with pytest.raises(TfjsciError, match=words):
            tfjsci.convert(folder, tmp_path / "none", output_format="layers")
    assert not (tmp_path / "none").exists()


def test_back_to_keras(models: Models, layers: Path, tmp_path: Path) -> None:
    k, tf = keras(), tensorflow()
    source = ("--input_format=tfjs_layers_model", layers / "model.json")
    run(*source, tmp_path / "back.h5")
    run(*source, tmp_path / "back.keras", "--output_format=keras_keras")
    run(*source, tmp_path / "back", "--output_format=keras_saved_model")
    for name in ("back.h5", "back.keras"):
        model = k.saving.load_model(tmp_path / name, compile=False)
        assert_right([np.asarray(each) for each in model(list(models.inputs.values()), training=False)], models)
    serve = tf.saved_model.load(str(tmp_path / "back")).signatures["serving_default"]
    assert_right([value.numpy() for value in serve(**models.inputs).values()], models)
