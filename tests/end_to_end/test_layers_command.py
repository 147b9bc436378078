"""tfjsci convert --output-format: a layers model, a graph model, or whichever can be, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from end_to_end.command import DIGITS, call, tree

from tfjsci.graph.tensorflow import keras


@pytest.mark.parametrize("source", ["digits.keras", "digits.h5"])
@pytest.mark.parametrize("output_format", ["layers", "auto"])
def test_a_keras_file_becomes_a_layers_model(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str, output_format: str
) -> None:
    done = call(capfd, "convert", DIGITS / source, tmp_path / "web", "--output-format", output_format).in_peace()
    assert done.code == 0
    assert done.out.splitlines()[0] == f"{source} ({source.partition('.')[2]}): 18 layers"
    assert done.out.splitlines()[-1].startswith(f"{tmp_path / 'web' / 'model.json'}: layers model, 1 shard, ")
    document = json.loads(tree(tmp_path / "web")["model.json"])
    assert document["format"] == "layers-model"
    assert list(document["signature"]["inputs"]) == ["images"]
    assert [path.name for path in tmp_path.iterdir()] == ["web"], "nothing temporary is left"


def test_layers_are_counted_as_inspect_counts_them(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Of the source, of what is made of it and of a copy: those that compute, in nested models too, and no inputs."""
    k = keras()
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(4), k.layers.ReLU()], name="inner")
    x = k.Input((4,), name="x")
    k.Model(x, k.layers.Dense(2)(inner(x))).save(tmp_path / "m.keras")
    for source, output in (("m.keras", "web"), ("web", "again")):
        options = ("--output-format", "layers", "--json")
        done = call(capfd, "convert", tmp_path / source, tmp_path / output, *options).in_peace()
        assert json.loads(done.out)["layers"] == 3
    for path in ("m.keras", "web", "again"):
        assert len(json.loads(call(capfd, "inspect", tmp_path / path, "--json").in_peace().out)["layers"]) == 3


def test_what_a_layers_model_cannot_hold_is_named_and_nothing_is_left(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = bilinear(tmp_path / "up.keras")
    done = call(capfd, "convert", source, tmp_path / "web", "--output-format", "layers").in_peace()
    assert done.code == 1
    assert "up.keras can't be a layers model: bigger (UpSampling2D): its interpolation is bilinear" in done.err
    assert "--output-format graph" in done.err
    assert not (tmp_path / "web").exists()


def test_auto_makes_a_graph_model_then_and_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = bilinear(tmp_path / "up.keras")
    done = call(capfd, "convert", source, tmp_path / "web", "--output-format", "auto").in_peace()
    assert done.code == 0
    assert done.err.startswith("note: a graph model, as up.keras can't be a layers model: bigger (UpSampling2D)")
    assert json.loads(tree(tmp_path / "web")["model.json"])["format"] == "graph-model"


def test_auto_makes_a_graph_model_for_a_scheme_that_layers_cannot_have(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["--output-format", "auto", "--quantize", "int4", "--group", "32"]
    done = call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "web", *options).in_peace()
    assert (done.code, json.loads(tree(tmp_path / "web")["model.json"])["format"]) == (0, "graph-model")
    assert "note: a graph model, as int4 needs an initializer graph, which a layers model hasn't" in done.err
    layers = call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "x", "--output-format", "layers", *options[2:4])
    assert (layers.code, (tmp_path / "x").exists()) == (2, False)


def test_what_the_optimizer_keeps_goes_along_unless_it_is_not_wanted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    k = keras()
    model = k.Sequential([k.Input((3,)), k.layers.Dense(4), k.layers.Dense(2)])
    model.compile(k.optimizers.Adam(0.01, clipnorm=1.0), "mse")
    model.train_on_batch(np.ones((2, 3), np.float32), np.ones((2, 2), np.float32))
    model.save(tmp_path / "m.keras")
    line = ("convert", tmp_path / "m.keras", tmp_path / "web", "--output-format", "layers")

    def optimizers() -> list[str]:
        groups = json.loads(tree(tmp_path / "web")["model.json"])["weightsManifest"]
        return [each["name"] for group in groups for each in group["weights"] if each.get("group") == "optimizer"]

    lacking = "note: TensorFlow.js trains on without clipnorm, which its Adam hasn't\n"
    kept = call(capfd, *line).in_peace()
    assert (kept.code, len(optimizers())) == (0, 1 + 2 * 4)
    assert kept.err == (
        f"{lacking}note: the optimizer's weights (Adam, {4 + 8 * 26} B) go along, for training to go on (--no-optimizer)\n"
    )
    assert "; 26 parameters" in kept.out
    without = call(capfd, *line, "--no-optimizer").in_peace()
    assert (without.code, optimizers()) == (0, [])
    assert without.err == f"{lacking}note: the optimizer's weights are left out\n"
    assert call(capfd, *line[:3], "--no-optimizer").code == 2


def test_of_a_layers_model_there_is_nothing_to_explain(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "web", "--output-format", "auto", "--explain")
    assert done.code == 0
    assert done.out.splitlines()[0] == "a layers model is written as its layers are: nothing was rewritten"


def test_auto_makes_a_graph_model_of_a_saved_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = call(capfd, "convert", DIGITS / "digits_savedmodel", tmp_path / "web", "--output-format", "auto").in_peace()
    assert (done.code, done.err) == (0, "note: a graph model, as digits_savedmodel isn't a Keras file\n")
    assert json.loads(tree(tmp_path / "web")["model.json"])["format"] == "graph-model"


def test_a_saved_model_is_no_layers_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = call(
        capfd, "convert", DIGITS / "digits_savedmodel", tmp_path / "web", "--output-format", "layers"
    ).in_peace()
    assert done.code == 1
    assert "the SavedModel digits_savedmodel holds no Keras model: it has no keras_metadata.pb" in done.err
    assert "--output-format graph" in done.err
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "model.json").write_text('{"format": "graph-model"}')
    done = call(capfd, "convert", tmp_path / "graph", tmp_path / "web", "--output-format", "layers").in_peace()
    assert (done.code, "graph is a graph model of TensorFlow.js: the layers aren't in it" in done.err) == (1, True)
    assert not (tmp_path / "web").exists()


def test_weights_alone_with_the_models_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    k = keras()
    model = k.Sequential([k.Input((5,)), k.layers.Dense(4, activation="relu"), k.layers.Dense(3, name="last")])
    (tmp_path / "model.json").write_text(model.to_json(), encoding="utf-8")
    model.save_weights(tmp_path / "model.weights.h5")
    options = ("--output-format", "layers", "--architecture", tmp_path / "model.json")
    done = call(capfd, "convert", tmp_path / "model.weights.h5", tmp_path / "web", *options).in_peace()
    assert done.code == 0
    weights = json.loads(tree(tmp_path / "web")["model.json"])["weightsManifest"][0]["weights"]
    assert [weight["name"] for weight in weights][2:] == ["last/kernel", "last/bias"]


def test_each_layer_in_files_of_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ("--output-format", "layers", "--split-weights-by-layer")
    assert call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "web", *options).code == 0
    groups = json.loads(tree(tmp_path / "web")["model.json"])["weightsManifest"]
    assert [{weight["name"].partition("/")[0] for weight in group["weights"]} for group in groups][-1] == {"digit"}
    assert len(groups) == 11


def test_options_that_go_together(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, out = DIGITS / "digits.keras", tmp_path / "web"
    assert call(capfd, "convert", source, out, "--architecture", source).code == 2
    told = call(capfd, "convert", source, out, "--architecture", source, "--output-format", "layers")
    assert (told.code, "digits.keras says itself which layers it has" in told.err) == (2, True)
    assert call(capfd, "convert", source, out, "--split-weights-by-layer").code == 2
    assert call(capfd, "convert", source, out, "--output-format", "layers", "--explain").code == 2
    assert not out.exists()


def bilinear(path: Path) -> Path:
    k = keras()
    x = k.Input((4, 5, 3), name="x")
    k.Model(x, k.layers.UpSampling2D(2, interpolation="bilinear", name="bigger")(x)).save(path)
    return path
