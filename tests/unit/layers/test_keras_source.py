"""Keras files read as data: both layouts of weights, and what a damaged or hostile file can't do."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_configs import called, functional, layer, operation, sequential, source, tensor

from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, MissingModel, UnknownFormat, UsageError
from tfjsci.inspection.look import look
from tfjsci.layers import source as reading
from tfjsci.layers.layers_model import layers_model
from tfjsci.layers.refused import NoLayersModel
from tfjsci.layers.stored import attribute_list, snake_case
from tfjsci.quantize.scheme import Scheme

CONFIG = sequential((5,), layer("Dense", "first", units=8), layer("Dense", "second", units=3, use_bias=False))
RNG = np.random.default_rng(0)
KERNELS = {
    "first/kernel": RNG.normal(size=(5, 8)),
    "first/bias": RNG.normal(size=8),
    "second/kernel": RNG.normal(size=(8, 3)),
}


def counted(file: h5py.File) -> None:
    for path, name in (
        ("dense/vars/0", "first/kernel"),
        ("dense/vars/1", "first/bias"),
        ("dense_1/vars/0", "second/kernel"),
    ):
        file[f"layers/{path}"] = KERNELS[name].astype("float32")


def named(file: Any, prefix: str = "", suffix: str = "") -> None:
    for name in ("first", "second"):
        group = file.create_group(name)
        own = [key for key in KERNELS if key.startswith(name)]
        group.attrs["weight_names"] = [f"{prefix}{key}{suffix}".encode() for key in own]
        for key in own:
            group[f"{prefix}{key}{suffix}"] = KERNELS[key].astype("float32")
    file.attrs["layer_names"] = [b"first", b"second"]


def archive(path: Path, config: Any = CONFIG, **members: bytes) -> Path:
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        counted(file)
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("config.json", json.dumps(config))
        zipped.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        zipped.writestr("model.weights.h5", members.get("weights", weights.getvalue()))
    return path


def whole(path: Path, version: str = "3.15.1", config: Any = CONFIG, **names: str) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = version
        named(file.create_group("model_weights"), **names)
    return path


def held(path: Path, **options: Any) -> dict[str, Any]:
    with layers_model(path, **options) as model:
        return {name: read() for name, read in model.weights}


def assert_all(weights: dict[str, Any]) -> None:
    assert list(weights) == list(KERNELS)
    for name, value in KERNELS.items():
        np.testing.assert_array_equal(weights[name], value.astype("float32"))


def test_an_archive_and_its_unpacked_folder(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.keras")
    assert_all(held(path))
    with zipfile.ZipFile(path) as zipped:
        zipped.extractall(tmp_path / "folder")
    assert_all(held(tmp_path / "folder"))


@pytest.mark.parametrize(
    ("version", "prefix", "suffix"), [("3.15.1", "", ""), ("3.3.3", "sequential/", ""), ("2.15.0", "", ":0")]
)
def test_a_whole_model_in_hdf5(tmp_path: Path, version: str, prefix: str, suffix: str) -> None:
    assert_all(held(whole(tmp_path / "m.h5", version, prefix=prefix, suffix=suffix)))


@pytest.mark.parametrize("write", [counted, named])
def test_weights_alone_with_the_models_json(tmp_path: Path, write: Any) -> None:
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        write(file)
    (tmp_path / "model.json").write_text(json.dumps({**CONFIG, "keras_version": "3.15.1"}))
    assert_all(held(tmp_path / "m.weights.h5", architecture=tmp_path / "model.json"))


def test_weights_alone_without_it_say_what_is_missing(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        counted(file)
    with pytest.raises(CorruptModel, match=r"no model_config[\s\S]*--architecture"):
        held(tmp_path / "m.weights.h5")


@pytest.mark.parametrize("write", [counted, named])
def test_bfloat16_which_hdf5_keeps_as_two_bytes_without_a_type(tmp_path: Path, write: Any) -> None:
    """As Keras leaves it there; float32 holds every such number."""
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        write(file)
        numbers: dict[str, Any] = {}
        file.visititems(lambda name, item: numbers.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
        for name, value in numbers.items():
            del file[name]
            file[name] = (value.view("<u4") >> 16).astype("<u2").view("V2")
    (tmp_path / "model.json").write_text(json.dumps({**CONFIG, "keras_version": "3.15.1"}))
    weights = held(tmp_path / "m.weights.h5", architecture=tmp_path / "model.json")
    for name, value in KERNELS.items():
        bits = value.astype("float32").view("<u4") & np.uint32(0xFFFF0000)
        np.testing.assert_array_equal(weights[name], bits.view("float32"))
    (told,) = look(tmp_path / "m.weights.h5").weights
    assert (told.dtype, told.count, told.stored_bytes) == ("bfloat16", 3, 2 * (5 * 8 + 8 + 8 * 3))


def test_an_output_of_a_nested_model_has_the_dtype_of_the_layer_in_it(tmp_path: Path) -> None:
    """The near miss: an op has none of its own."""
    inner = sequential((5,), layer("Dense", "first", units=8), layer("Dense", "second", units=3, dtype="float16"))
    twice = called(operation("Add", "twice"), [tensor("sequential"), tensor("sequential")])
    outputs = [["sequential", 0, 0], ["twice", 0, 0]]
    config = functional([source((5,)), called(inner, "x"), twice], [["x", 0, 0]], outputs)
    (signature,) = look(archive(tmp_path / "m.keras", config)).signatures
    assert [spec.dtype for spec in signature.outputs] == ["float16", "unknown"]


def test_other_bytes_without_a_type_are_not_taken_for_numbers(tmp_path: Path) -> None:
    path = whole(tmp_path / "m.h5")
    with h5py.File(path, "r+") as file:
        del file["model_weights/first/first/bias"]
        file["model_weights/first/first/bias"] = np.zeros(8, "V4")
    with (
        pytest.raises(ConversionFailed, match="first/bias can't be stored: its dtype is void32"),
        layers_model(path) as model,
    ):
        write_layers_model(model, folder=tmp_path / "out")


def test_the_layers_model_is_written_whole_and_quantised(tmp_path: Path) -> None:
    wide = sequential((5,), layer("Dense", "first", units=8), layer("Dense", "second", units=3, use_bias=False))
    with layers_model(whole(tmp_path / "m.h5", config=wide)) as model:
        plain = write_layers_model(model, folder=tmp_path / "plain")
        pattern = Quantization(scheme=Scheme(name="uint8"), include=("first/kernel",))
        write_layers_model(model, folder=tmp_path / "small", quantization=pattern)
    document = json.loads((tmp_path / "plain" / "model.json").read_text())
    assert (document["format"], list(document["signature"]["inputs"])) == ("layers-model", ["x"])
    assert plain.parameters == 5 * 8 + 8 + 8 * 3
    entries = json.loads((tmp_path / "small" / "model.json").read_text())["weightsManifest"][0]["weights"]
    assert [entry["name"] for entry in entries if "quantization" in entry] == ["first/kernel"]


def test_weights_that_are_not_stored_as_asked_are_named(tmp_path: Path) -> None:
    """The smallest, which are float16, and what can't be: as of a graph model. The near misses have nothing to tell."""
    config = sequential((200,), layer("Dense", "first", units=100), layer("Dense", "second", units=2, use_bias=False))
    kernels = {"first/kernel": RNG.normal(size=(200, 100)), "first/bias": RNG.normal(size=100)}
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"], file.attrs["keras_version"] = json.dumps(config), "3.15.1"
        weights = {**kernels, "first/bias": np.full(100, np.nan), "second/kernel": RNG.normal(size=(100, 2))}
        for name in ("first", "second"):
            group = file.create_group(f"model_weights/{name}")
            own = [key for key in weights if key.startswith(name)]
            group.attrs["weight_names"] = [key.encode() for key in own]
            for key in own:
                group[key] = weights[key].astype("float32")

    def notes(**options: Any) -> tuple[str, ...]:
        with layers_model(tmp_path / "m.h5") as model:
            wanted = Quantization(**{"scheme": Scheme(name="uint8"), **options})
            return write_layers_model(model, folder=tmp_path / "out", quantization=wanted).notes

    small = "the smallest weights are float16: second/kernel (small_weights: quantized stores them as the others)"
    assert notes() == (small,)
    assert notes(include=("*",))[1:] == ("not quantised: first/bias (it has values that aren't finite)",)
    assert notes(small_weights="quantized") == ()
    with layers_model(tmp_path / "m.h5") as model:
        assert write_layers_model(model, folder=tmp_path / "out").notes == ()


def test_a_quantisation_of_nothing_is_an_error_and_leaves_no_folder(tmp_path: Path) -> None:
    with layers_model(whole(tmp_path / "m.h5")) as model:
        for patterns, words in (
            ({"exclude": ("*",)}, (ConversionFailed, "first/kernel")),
            ({"include": ("*kernal",)}, (UsageError, "'[*]kernal' that uint8 is to include .*\n.*first/kernel")),
        ):
            with pytest.raises(words[0], match=words[1]):
                write_layers_model(
                    model, folder=tmp_path / "out", quantization=Quantization(scheme=Scheme(name="uint8"), **patterns)
                )
    assert not (tmp_path / "out").exists()


def test_a_scheme_that_needs_an_initializer_is_refused(tmp_path: Path) -> None:
    wanted = Quantization(scheme=Scheme(name="int4"))
    with (
        layers_model(whole(tmp_path / "m.h5")) as model,
        pytest.raises(UsageError, match=r"can't be int4: .*\n.*or convert to a graph model"),
    ):
        write_layers_model(model, folder=tmp_path / "out", quantization=wanted)
    assert not (tmp_path / "out").exists()


def test_a_layer_whose_weights_are_not_there_is_named(tmp_path: Path) -> None:
    config = sequential((5,), layer("Dense", "first", units=8), layer("Dense", "third", units=3))
    with pytest.raises(NoLayersModel, match=r"third .Dense.: the file holds 0 weights of it, and it has 2"):
        held(whole(tmp_path / "m.h5", config=config))


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    path = whole(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        del file["model_weights/first"]
        file["model_weights/first"] = h5py.ExternalLink("/etc/hostname", "/")
    with pytest.raises(CodeRefused, match="model_weights/first lie in another file"):
        held(path)


def test_what_unpacks_to_far_more_than_there_is_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BOMB_FLOOR_BYTES", 1 << 20)
    path = whole(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file.create_dataset("model_weights/hole", shape=(1 << 40,), dtype="float32", chunks=True)
    with pytest.raises(CorruptModel, match="unpack to"):
        held(path)
    bomb = tmp_path / "bomb.keras"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("config.json", b" " * (4 << 20))
        zipped.writestr("model.weights.h5", b"")
    with pytest.raises(CorruptModel, match="unpacks to"):
        held(bomb)


@pytest.mark.parametrize("keep", [0, 4, 100, 2000])
def test_a_file_cut_short_is_a_clear_error(tmp_path: Path, keep: int) -> None:
    for path in (archive(tmp_path / "m.keras"), whole(tmp_path / "m.h5")):
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(CorruptModel, match=f"{path.name} can't be read as a"):
            held(path)


def test_other_files_and_none_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "text.bin").write_text("hello")
    (tmp_path / "folder").mkdir()
    with pytest.raises(MissingModel):
        held(tmp_path / "nothing.keras")
    for name in ("text.bin", "folder"):
        with pytest.raises(UnknownFormat):
            held(tmp_path / name)


def test_a_model_of_the_authors_own_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoLayersModel, match=r"the model \(Mine\): it is a model of the author's own"):
        held(whole(tmp_path / "m.h5", config={"class_name": "Mine", "config": {"width": 3}}))


def test_neither_tensorflow_nor_keras_is_imported(tmp_path: Path) -> None:
    whole(tmp_path / "m.h5")
    code = (
        "import sys, tfjsci\n"
        f"tfjsci.convert({str(tmp_path / 'm.h5')!r}, {str(tmp_path / 'out')!r}, output_format='layers')\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert (tmp_path / "out" / "model.json").is_file()


def test_names_are_counted_as_keras_spells_them() -> None:
    spelled = {
        "Dense": "dense", "BatchNormalization": "batch_normalization", "Conv2DTranspose": "conv2d_transpose",
        "PReLU": "p_re_lu", "LSTM": "lstm", "DepthwiseConv2D": "depthwise_conv2d", "InputLayer": "input_layer",
    }  # fmt: skip
    assert {name: snake_case(name) for name in spelled} == spelled


def test_a_list_that_is_cut_over_attributes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["weight_names0"] = [b"a", b"b"]
        file.attrs["weight_names1"] = [b"c"]
        assert attribute_list(file, "weight_names") == ["a", "b", "c"]
        assert attribute_list(file, "others") == []
