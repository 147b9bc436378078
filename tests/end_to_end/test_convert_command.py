"""tfjsci convert: what it writes, what it says, and how it ends when it can't."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from end_to_end.command import DIGITS, Done, call, tree

from tfjsci.graph.tensorflow import keras
from tfjsci.results.store import read_results


@pytest.mark.oldest
@pytest.mark.parametrize("source", ["digits.keras", "digits.h5", "digits_savedmodel"])
def test_a_model_of_each_format(tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str) -> None:
    done = call(capfd, "convert", DIGITS / source, tmp_path / "new" / "folder").in_peace()
    assert (done.code, done.err) == (0, "")
    files = tree(tmp_path / "new" / "folder")
    size = sum(map(len, files.values()))
    first, *_, last = done.out.splitlines()
    assert re.fullmatch(rf"{re.escape(source)} \(\w+\): \d+ nodes before rewriting, \d+ after", first)
    written = f"{tmp_path / 'new' / 'folder' / 'model.json'}: 1 shard, {round(size / 1000)} kB in all"
    assert last == f"{written}, not verified"
    assert sorted(files) == ["group1-shard1of1.bin", "model.json"]
    document = json.loads(files["model.json"])
    assert document["format"] == "graph-model"
    assert list(document["signature"]["inputs"]) == ["images"]
    weights = document["weightsManifest"][0]["weights"]
    assert sum(w["dtype"] == "float32" for w in weights) >= 4
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["folder"], "nothing temporary is left"


def test_twice_gives_the_same_bytes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        assert call(capfd, "convert", DIGITS / "digits.keras", tmp_path / name, "--shard-bytes", "10 KiB").code == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert len(tree(tmp_path / "one")) > 5
    assert call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "two").code == 0
    assert len(tree(tmp_path / "two")) == 2, "the shards of the last time are gone"


def test_quantised_and_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ("convert", DIGITS / "digits.keras")
    done = call(capfd, *arguments, tmp_path / "m", "--quantize", "uint8", "--exclude", "digit/*", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    weights = json.loads((tmp_path / "m" / "model.json").read_text())["weightsManifest"][0]["weights"]
    assert any("quantization" in w for w in weights)
    slip = call(capfd, *arguments, tmp_path / "n", "--quantize", "uint8", "--include", "digit/karnel").in_peace()
    assert slip.code == 2
    assert slip.err.startswith(
        "error: the pattern 'digit/karnel' that uint8 is to include matches no weight\n  The nearest"
    )
    nothing = call(capfd, *arguments, tmp_path / "n", "--quantize", "uint8", "--exclude", "*").in_peace()
    assert nothing.code == 1
    assert nothing.err.startswith("error: uint8 would quantise no weight of this model\n  Weights are named after")
    assert not (tmp_path / "n").exists()
    assert call(capfd, *arguments, tmp_path / "n", "--include", "x").code == 2


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A convolution that pads behind an offset, which can't be folded into it, and a depthwise one, each with a LeakyReLU."""
    k = keras()
    inputs = k.Input((8, 8, 3), name="images")
    x = k.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    for layer in (k.layers.Conv2D(4, 3, padding="same"), k.layers.DepthwiseConv2D(3)):
        x = k.layers.LeakyReLU()(layer(x))
    file = tmp_path_factory.mktemp("models") / "leaky.keras"
    k.Model(inputs, x).save(file)
    return file


def test_what_rewriting_did_and_what_it_declined(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], leaky: Path
) -> None:
    done = call(capfd, "convert", leaky, tmp_path / "m", "--explain").in_peace()
    assert (done.code, done.err) == (0, "")
    first, *lines = done.out.splitlines()
    assert re.fullmatch(r"leaky\.keras \(keras\): \d+ nodes before rewriting, \d+ after", first)
    assert "  fuse_bias × 2" in lines[lines.index("applied, fusing:") :]
    assert "  fold_shift_before × 1: the convolution pads" in lines[lines.index("declined, folding:") :]
    assert lines[-1].startswith(str(tmp_path / "m" / "model.json"))


def test_the_same_as_data_and_with_a_rule_left_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], leaky: Path
) -> None:
    done = call(capfd, "convert", leaky, tmp_path / "m", "--explain", "--json", "--no-rule", "fuse_bias").in_peace()
    told = json.loads(done.out)
    assert (done.code, told["source"], told["left_out"]) == (0, "leaky.keras", ["fuse_bias"])
    assert "fuse_bias" not in [each["rule"] for each in told["applied"]]
    whole = json.loads(call(capfd, "convert", leaky, tmp_path / "n", "--explain", "--json").out)
    assert whole["nodes_after"] < told["nodes_after"] <= told["nodes_before"]
    assert all(each["equation"] and each["count"] for each in whole["applied"])
    (declined,) = [each for each in whole["declined"] if each["rule"] == "fold_shift_before"]
    assert (declined["stage"], declined["count"], len(declined["nodes"])) == ("folding", 1, 1)


def test_what_was_done_as_data_and_verified(tmp_path: Path, capfd: pytest.CaptureFixture[str], leaky: Path) -> None:
    (tmp_path / "labels.json").write_text('["a", "b"]')
    images = np.random.default_rng(0).random((2, 8, 8, 3), dtype=np.float32)
    np.savez(tmp_path / "values.npz", images=images)
    options = ("--verify", "--backends", "wasm", "--verify-inputs", tmp_path / "values.npz", "--shard-bytes", "1 KiB")
    done = call(
        capfd, "convert", leaky, tmp_path / "m", "--json", *options, "--metadata", f"labels:{tmp_path / 'labels.json'}"
    ).in_peace()
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    files = tree(tmp_path / "m")
    assert (told["path"], told["source"], told["output_format"]) == (str(tmp_path / "m"), "leaky.keras", "graph")
    assert sorted(told["files"]) == sorted(files)
    assert told["size_bytes"] == sum(map(len, files.values()))
    assert told["nodes"] < told["nodes_before"]
    assert told["rules"]["fuse_bias"] == 2
    assert told["ops"]["_FusedConv2D"] == 1
    ((run),) = told["runs"]
    assert (told["verified"], run["backend"], run["limit_db"]) == (True, "wasm", 60)
    assert run["exact"] or run["sqnr_db"] > 60
    assert json.loads(files["model.json"])["userDefinedMetadata"] == {"labels": ["a", "b"]}
    spoken = call(capfd, "convert", leaky, tmp_path / "m").out.splitlines()
    assert "  rules: " in "\n".join(spoken)
    assert spoken[-1].endswith(", not verified")


def test_several_signatures_are_told_one_by_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ("convert", DIGITS / "digits_savedmodel", tmp_path / "m", "--signature", "serve", "--signature")
    done = call(capfd, *arguments, "serving_default").in_peace()
    assert (done.code, done.err) == (0, "")
    assert [line.split(":")[0] for line in done.out.splitlines() if line.endswith("not verified")] == [
        str(tmp_path / "m" / name / "model.json") for name in ("serve", "serving_default")
    ]
    told = json.loads(call(capfd, *arguments, "serving_default", "--json", "--explain").out)
    assert [(each["signature"], each["format"]) for each in told] == [
        ("serve", "saved_model"), ("serving_default", "saved_model"),
    ]  # fmt: skip
    refused(call(capfd, *arguments, "serve"), 2, "'serve' is given twice")
    for extra in ((), ("--signature", "serving_default"), ("--output-format", "layers")):
        line = ("convert", DIGITS / "digits.keras", tmp_path / "none", "--signature", "serve", *extra)
        refused(call(capfd, *line), 2, "--signature chooses in", "digits.keras is keras")
    assert not (tmp_path / "none").exists()


def test_debug_ops_and_values_without_a_meaning(tmp_path: Path, capfd: pytest.CaptureFixture[str], leaky: Path) -> None:
    (tmp_path / "values.npz").write_bytes(b"PK")
    arguments = ("convert", leaky, tmp_path / "m")
    assert call(capfd, *arguments, "--verify-inputs", tmp_path / "values.npz").code == 2
    refused(
        call(capfd, *arguments, "--verify", "--verify-inputs", tmp_path / "values.npz"), 1, "values.npz can't be read"
    )
    refused(call(capfd, *arguments, "--metadata", "labels"), 2, "is not KEY:FILE")
    refused(call(capfd, *arguments, "--metadata", f"signature:{leaky}"), 2, "isn't JSON")
    assert not (tmp_path / "m").exists()


def test_a_rule_that_there_is_not(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ("convert", DIGITS / "digits.keras", tmp_path / "m", "--no-rule")
    refused(call(capfd, *arguments, "fuse_bais"), 2, "'fuse_bais'", 'Did you mean "fuse_bias"?', "docs/rules.md")
    assert not (tmp_path / "m").exists()


def refused(done: Done, code: int, *words: str) -> None:
    done.in_peace()
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error: ") or "Usage:" in done.err
    assert len(done.err.splitlines()) >= 2, "a message and what to do"
    for word in words:
        assert word in done.err


def test_sources_that_cannot_be_converted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    refused(call(capfd, "convert", tmp_path / "gone.keras", out), 1, "gone.keras")
    whole = (DIGITS / "digits.keras").read_bytes()
    (tmp_path / "cut.keras").write_bytes(whole[: len(whole) // 2])
    refused(call(capfd, "convert", tmp_path / "cut.keras", out), 1, "cut.keras can't be read", "cut short")
    (tmp_path / "empty").mkdir()
    refused(call(capfd, "convert", tmp_path / "empty", out), 1, "not a SavedModel", "saved_model.pb")
    refused(
        call(capfd, "convert", DIGITS / "digits_savedmodel", out, "--signature", "serving_defualt"),
        1, "serving_defualt", 'Did you mean "serving_default"?',
    )  # fmt: skip
    (tmp_path / "table.csv").write_text("a,b\n")
    refused(call(capfd, "convert", tmp_path / "table.csv", out), 1, "table.csv is of no format")
    assert not out.exists()


def test_code_needs_the_users_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    k = keras()
    inputs = k.Input((3,), name="x")
    k.Model(inputs, k.layers.Lambda(lambda x: x * 2.0, name="own")(inputs)).save(tmp_path / "m.keras")
    refused(call(capfd, "convert", tmp_path / "m.keras", tmp_path / "out"), 1, "own: Lambda", "--allow-code")
    assert call(capfd, "convert", tmp_path / "m.keras", tmp_path / "out", "--allow-code").in_peace().code == 0


THEIRS = """
import keras

class Scale(keras.layers.Layer):
    def __init__(self, by=1.0, **more):
        super().__init__(**more)
        self.by = by

    def call(self, x):
        from BESIDE import times  # only now: its folder is importable as long as the model is traced
        return times(x, self.by)

    def get_config(self):
        return {**super().get_config(), "by": self.by}

@keras.saving.register_keras_serializable(package="Theirs")
class Shift(keras.layers.Layer):
    def call(self, x):
        return x + 1.0

def bent(x):
    return keras.ops.tanh(x) * 3.0
"""


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_classes_of_the_authors_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    k = keras()
    monkeypatch.chdir(tmp_path)
    name = f"theirs_{suffix}"
    beside = f"beside_{name}"
    (tmp_path / f"{name}.py").write_text(THEIRS.replace("BESIDE", beside))
    (tmp_path / f"{beside}.py").write_text("def times(x, by):\n    return x * by\n")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        patch.setattr(sys, "dont_write_bytecode", True)
        own = importlib.import_module(name)
        x = k.Input((4,), name="x")
        y = own.Shift(name="shifted")(k.layers.Dense(3, activation=own.bent, name="dense")(x))
        k.Model(x, own.Scale(3.0, name="scaled")(y)).save(f"m.{suffix}")
    del sys.modules[name], sys.modules[beside]
    path = list(sys.path)
    k.saving.get_custom_objects().clear()
    line = ("convert", f"m.{suffix}", tmp_path / "out")
    named = ("--custom-objects", f"{name}:Scale", "--custom-objects", f"{name}:bent")
    refused(call(capfd, *line), 1, "shifted: ", "dense: a function of the author's own", "--custom-objects module:name")
    refused(call(capfd, *line, *named), 2, "isn't run without --allow-code")
    assert name not in sys.modules
    refused(call(capfd, *line, "--allow-code"), 1, f"can't load m.{suffix}", "shifted: ", "Name its classes")
    for text, words in (
        (f"{name}:Scal", 'Did you mean "Scale"?'),
        ("thiers:Scale", "no module 'thiers'"),
        ("x", "MODULE:NAME"),
    ):
        refused(call(capfd, *line, "--allow-code", "--custom-objects", text), 2, words)
    assert not (tmp_path / "out").exists()
    done = call(capfd, *line, "--allow-code", *named, "--verify", "--backends", "cpu").in_peace()
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].endswith("verified on cpu")
    assert not (tmp_path / "__pycache__").exists()
    assert sys.path == path
    assert {name, beside}.isdisjoint(sys.modules)
    assert call(capfd, "check", f"m.{suffix}", "--allow-code", *named).in_peace().code == 0
    elsewhere = ("convert", DIGITS / "digits_savedmodel", tmp_path / "no", "--allow-code", *named)
    refused(call(capfd, *elsewhere), 2, "--custom-objects is for a model of the format keras or h5")

    ci = tmp_path / "ci"
    ci.mkdir()
    for each in (name, beside):
        (tmp_path / f"{each}.py").rename(ci / f"{each}.py")  # beside the manifest they are found as well
    objects = f"{name}:Scale, {name}:bent"
    told = ran(capfd, ci, f"source: ../m.{suffix}, custom_objects: [{objects}]")
    assert "isn't run without --allow-code" in told
    assert "beside the manifest" in ran(capfd, ci, f"source: ../m.{suffix}, custom_objects: [thiers:A]", "--allow-code")
    assert ran(capfd, ci, f"source: ../m.{suffix}, custom_objects: [{objects}]", "--allow-code") == ""
    assert name not in sys.modules
    assert not (ci / "__pycache__").exists()


def ran(capfd: pytest.CaptureFixture[str], folder: Path, model: str, *options: str) -> str:
    """What failed of the only model of a manifest in ``folder``, and the hint; empty where nothing did."""
    (folder / "tfjsci.yml").write_text(f"version: 1\nmodels: [{{name: m, {model}}}]\n")
    call(capfd, "run", folder / "tfjsci.yml", "--only", "convert", "--output", folder / "out", *options).in_peace()
    (found,) = read_results(folder / "out" / "results.json").models
    return "\n".join(f"{failure.message}\n{failure.hint}" for failure in found.failures)


def test_a_run_of_weights_alone_and_of_what_a_format_has_not(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    k = keras()
    model = k.Sequential([k.Input((3,), name="x"), k.layers.Dense(2, name="d")])
    model.save_weights(tmp_path / "m.weights.h5")
    (tmp_path / "m.json").write_text(model.to_json())
    assert ran(capfd, tmp_path, "source: m.weights.h5, architecture: m.json") == ""
    assert "weights" in ran(capfd, tmp_path, "source: m.weights.h5")
    model.save(tmp_path / "m.keras")
    told = ran(capfd, tmp_path, "source: m.keras, signature: serving_default")
    assert "--signature chooses in a model of the format saved_model or hub, and m.keras is keras" in told
    assert "(signature: in a manifest)" in told


def test_an_op_that_a_backend_lacks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    k = keras()
    inputs = k.Input((3, 3), name="x")
    k.Model(inputs, k.ops.svd(inputs, compute_uv=False)).save(tmp_path / "m.keras")
    refused(call(capfd, "convert", tmp_path / "m.keras", tmp_path / "out"), 1, "can't run in TensorFlow.js", "Svd")
    assert not (tmp_path / "out").exists()


def test_outputs_that_cannot_be_written_or_hold_something_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = DIGITS / "digits.keras"
    (tmp_path / "file").write_text("mine")
    refused(call(capfd, "convert", source, tmp_path / "file"), 3, "can't be written", "Choose another folder")
    refused(call(capfd, "convert", source, tmp_path / "file" / "below"), 3, "can't be written")
    refused(call(capfd, "convert", source, "/proc/nowhere"), 3, "can't be written")
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    refused(call(capfd, "convert", source, tmp_path / "home"), 2, "thesis.txt", "replaced as a whole")
    shutil.copytree(DIGITS / "digits_savedmodel", tmp_path / "saved")
    before = tree(tmp_path / "saved")
    refused(call(capfd, "convert", tmp_path / "saved", tmp_path / "saved"), 2, "saved_model.pb")
    assert tree(tmp_path / "saved") == before
    assert (tmp_path / "home" / "thesis.txt").read_text() == "mine"


def test_the_current_folder_as_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thesis.txt").touch()
    refused(call(capfd, "convert", DIGITS / "digits.keras", "."), 2, "thesis.txt")
    assert call(capfd, "convert", DIGITS / "digits.keras", "web/model").in_peace().code == 0
    assert (tmp_path / "web" / "model" / "model.json").is_file()


def test_names_that_would_steer_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = call(capfd, "convert", tmp_path / "\x1b[2J\x1b]0;owned\x07.keras", tmp_path / "out")
    refused(done, 1)
    assert "\x1b" not in done.err
    assert "\x07" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a",),
        ("a", "b", "--quantize", "int8"),
        ("a", "b", "--shard-bytes", "1 B"),
        ("a", "b", "--shard-bytes", "many"),
        ("a", "b", "--backend", "cuda"),
        ("a", "b", "--format", "onnx"),
        ("a", "b", "-v", "-q"),
    ],
)
def test_a_command_line_that_makes_no_sense(capfd: pytest.CaptureFixture[str], arguments: Any) -> None:
    done = call(capfd, "convert", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Error: " in done.err


def test_verbose_shows_what_the_libraries_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tfjsci import converter

    real = converter.load

    def noisy(*args: Any, **kwargs: Any) -> Any:
        import os

        os.write(2, b"chatter of a library\n")
        return real(*args, **kwargs)

    monkeypatch.setattr(converter, "load", noisy)
    assert "chatter" not in call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "a").err
    assert "chatter of a library\n" in call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "b", "--verbose").err
