"""Keras files made to harm: nothing in them runs, nothing is read or written beside them, and the refusal says why.

Each payload would write a canary file. Beside each refusal stands what must still load.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import random
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from lowered_graph import agree, converted, random_inputs

from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, MissingModel, UnknownFormat
from tfjsci.graph.tensorflow import keras
from tfjsci.load import keras_file
from tfjsci.load.load import LoadOptions, load

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def model() -> Any:
    k = keras()
    inputs = k.Input((4,), name="x")
    dense = k.layers.Dense(3, activation="relu", name="dense")
    model = k.Sequential([inputs, dense, k.layers.Dense(2, name="out")])
    model.set_weights([np.arange(np.prod(w.shape)).reshape(w.shape) / 10 for w in model.weights])
    return model


@pytest.fixture(scope="module")
def benign(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benign") / "model.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def benign_h5(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benign") / "model.h5"
    model.save(path)
    return path


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


def rewritten(source: Path, target: Path, change: Change) -> Path:
    """A copy of a .keras file with another config."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "config.json":
                config = json.loads(data)
                data = json.dumps(change(config) or config).encode()
            new.writestr(member.filename, data)
    return target


def rewritten_h5(source: Path, target: Path, change: Change) -> Path:
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        file.attrs["model_config"] = json.dumps(change(config) or config)
    return target


def first_dense(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(part for part in config["config"]["layers"] if part["class_name"] == "Dense")
    return found


def marshalled(canary: Path) -> str:
    """What a Lambda layer stores of a function that writes the canary."""
    scope: dict[str, Any] = {}
    exec(f"def payload(x):\n    open({str(canary)!r}, 'w').close()\n    return x", scope)
    return base64.b64encode(marshal.dumps(scope["payload"].__code__)).decode()


def bytecode(canary: Path) -> dict[str, Any]:
    return {
        "class_name": "__lambda__",
        "config": {
            "code": marshalled(canary),
            "defaults": None,
            "closure": None,
            "value": {"code": marshalled(canary), "defaults": None, "closure": None},
        },
    }


# --- code ------------------------------------------------------------------------------------------------------------


def lambda_model(canary: Path) -> Any:
    k = keras()
    inputs = k.Input((4,), name="x")
    scope: dict[str, Any] = {}
    exec(f"payload = lambda x: (open({str(canary)!r}, 'a').close(), x * 2.0)[1]", scope)
    return k.Model(inputs, k.layers.Lambda(scope["payload"], name="evil")(inputs))


@pytest.mark.oldest
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_lambda_is_refused_and_runs_only_when_asked_for(tmp_path: Path, canary: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    lambda_model(canary).save(path)
    canary.unlink(missing_ok=True)
    with pytest.raises(CodeRefused, match=f"model{suffix} was not loaded.*evil: Lambda") as refused:
        load(path)
    assert "--allow-code" in str(refused.value.hint)
    assert not canary.exists()
    ours = converted(path, allow_code=True)
    assert canary.exists()
    agree(ours, random_inputs(ours))


def test_a_lambda_inside_of_wrappers_is_named(tmp_path: Path) -> None:
    k = keras()
    inputs = k.Input((3, 4), name="x")
    inner = k.Sequential([k.Input((4,)), k.layers.Lambda(lambda x: x * 2.0, name="deep_inside")], name="inner")
    k.Model(inputs, k.layers.TimeDistributed(inner, name="each")(inputs)).save(tmp_path / "m.keras")
    with pytest.raises(CodeRefused, match="deep_inside"):
        load(tmp_path / "m.keras")


@pytest.mark.parametrize("format_", ["keras", "h5"])
@pytest.mark.parametrize(
    "place", ["activation", "kernel_initializer", "kernel_regularizer", "bias_constraint", "dtype", "name"]
)
def test_bytecode_in_a_corner_of_a_layer(
    benign: Path, benign_h5: Path, tmp_path: Path, canary: Path, place: str, format_: str
) -> None:
    def change(config: dict[str, Any]) -> None:
        first_dense(config)["config"][place] = bytecode(canary)

    if format_ == "keras":
        path = rewritten(benign, tmp_path / "m.keras", change)
    else:
        path = rewritten_h5(benign_h5, tmp_path / "m.h5", change)
    with pytest.raises(CodeRefused, match="__lambda__"):
        load(path)
    assert not canary.exists()


@pytest.mark.parametrize(
    "module", ["os", "subprocess", "keras.utils", "keras.config", "numpy", "builtins", "keras.src.utils.file_utils"]
)
@pytest.mark.parametrize("kind", ["class", "function"])
def test_names_of_other_modules(benign: Path, tmp_path: Path, module: str, kind: str) -> None:
    name = {"keras.config": "enable_unsafe_deserialization", "numpy": "load", "builtins": "exec"}.get(
        module, "get_file"
    )
    part = {
        "module": module,
        "class_name": name if kind == "class" else "function",
        "config": {} if kind == "class" else name,
        "registered_name": "keras>relu",
    }

    def change(config: dict[str, Any]) -> None:
        first_dense(config)["config"]["activation"] = part

    with pytest.raises(CodeRefused, match="dense: "):
        load(rewritten(benign, tmp_path / "m.keras", change))


def test_code_in_the_training_part_is_never_loaded_and_so_no_reason_to_refuse(model: Any, tmp_path: Path) -> None:
    k = keras()
    own = k.models.clone_model(model)

    def my_loss(wanted: Any, given: Any) -> Any:
        return k.ops.sum(wanted - given)

    own.compile(loss=my_loss)
    own.save(tmp_path / "m.keras")
    own.save(tmp_path / "m.h5")
    for name in ("m.keras", "m.h5"):
        ours = converted(tmp_path / name)
        agree(ours, random_inputs(ours))


def test_the_same_in_a_nested_model_is_loaded_and_so_refused(model: Any, tmp_path: Path) -> None:
    def my_loss(wanted: Any, given: Any) -> Any:
        return wanted

    k = keras()
    inner = k.models.clone_model(model)
    inner.compile(loss=my_loss)
    k.Sequential([k.Input((4,)), inner]).save(tmp_path / "m.keras")
    with pytest.raises(CodeRefused, match="my_loss"):
        load(tmp_path / "m.keras")


def test_a_vocabulary_file_is_not_read(tmp_path: Path, benign: Path) -> None:
    (tmp_path / "secret.txt").write_text("root\n")

    def change(config: dict[str, Any]) -> None:
        lookup = {"name": "look", "vocabulary": str(tmp_path / "secret.txt")}
        config["config"]["layers"].append(
            {"module": "keras.layers", "class_name": "StringLookup", "config": lookup, "registered_name": None}
        )

    with pytest.raises(CodeRefused, match="vocabulary"):
        load(rewritten(benign, tmp_path / "m.keras", change))


def test_a_file_that_is_hdf5_and_zip_at_once_is_read_as_what_was_checked(
    benign_h5: Path, tmp_path: Path, canary: Path
) -> None:
    evil = tmp_path / "evil.keras"
    lambda_model(canary).save(evil)
    canary.unlink(missing_ok=True)
    both = tmp_path / "both.keras"
    archive = io.BytesIO()
    with zipfile.ZipFile(evil) as old, zipfile.ZipFile(archive, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    both.write_bytes(benign_h5.read_bytes() + archive.getvalue())
    assert zipfile.is_zipfile(both)
    ours = converted(both)  # HDF5 by its first bytes: checked as such, and so loaded as such
    assert ours.loaded.format == "h5"
    agree(ours, random_inputs(ours))
    assert not canary.exists()
    with pytest.raises(CodeRefused):
        load(both, format="keras")
    assert not canary.exists()


def test_a_file_under_another_name_is_read_by_its_content(benign: Path, benign_h5: Path, tmp_path: Path) -> None:
    for source, name, kind in (
        (benign, "model.zip", "keras"),
        (benign, "model.h5", "keras"),
        (benign_h5, "model.bin", "h5"),
        (benign_h5, "m.keras", "h5"),
    ):
        shutil.copy(source, tmp_path / name)
        ours = converted(tmp_path / name)
        assert ours.loaded.format == kind
        agree(ours, random_inputs(ours))


# --- other files -----------------------------------------------------------------------------------------------------


def weights_changed(source: Path, target: Path, change: Callable[[h5py.File], None]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename.endswith(".h5"):
                buffer = io.BytesIO(data)
                with h5py.File(buffer, "r+") as file:
                    change(file)
                data = buffer.getvalue()
            new.writestr(member.filename, data)
    return target


def test_weights_that_lie_in_another_file(benign: Path, benign_h5: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(range(64)))

    def steal(file: h5py.File) -> None:
        where = "layers/dense/vars/0" if "layers" in file else "model_weights/dense/dense/kernel"
        names: list[str] = []
        file.visit(names.append)
        where = next(name for name in names if isinstance(file[name], h5py.Dataset) and file[name].shape == (4, 3))
        del file[where]
        file.create_dataset(where, (4, 3), "f4", external=[(str(secret), 0, 48)])

    with pytest.raises(CodeRefused, match="lie in another file"):
        load(weights_changed(benign, tmp_path / "m.keras", steal))
    stolen = tmp_path / "m.h5"
    shutil.copy(benign_h5, stolen)
    with h5py.File(stolen, "r+") as file:
        steal(file)
    with pytest.raises(CodeRefused, match="lie in another file"):
        load(stolen)
    with pytest.raises(CodeRefused):
        load(stolen, options=LoadOptions(allow_code=True))


def test_members_that_climb_out_of_the_archive_write_nothing_there(benign: Path, tmp_path: Path) -> None:
    evil = tmp_path / "in" / "m.keras"
    evil.parent.mkdir()
    shutil.copy(benign, evil)
    with zipfile.ZipFile(evil, "a") as archive:
        for name in (
            "../climbed",
            "../../climbed",
            "/tmp/tfjsci-climbed",
            "assets/../../climbed",
            "assets/a",
            "assets/b",
        ):
            archive.writestr(name, "out")
    with suppress(CorruptModel):  # older releases of Keras stumble over their own check of such names
        assert load(evil).inputs
    assert list(tmp_path.rglob("*climbed*")) == []
    assert not Path("/tmp/tfjsci-climbed").exists()


# --- size ------------------------------------------------------------------------------------------------------------


def test_an_archive_that_would_fill_the_disk(benign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_file, "BOMB_FLOOR_BYTES", 1 << 20)
    bomb = tmp_path / "bomb.keras"
    shutil.copy(benign, bomb)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/zeros", bytes(8 << 20))
    with pytest.raises(CorruptModel, match="unpacks to"):
        load(bomb)
    tame = tmp_path / "tame.keras"
    shutil.copy(benign, tame)
    with zipfile.ZipFile(tame, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata2.json", bytes(1 << 18))
    assert load(tame).inputs


def test_a_config_of_monstrous_size_or_depth(benign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_file, "MAX_CONFIG_BYTES", 10_000)

    def long(config: dict[str, Any]) -> None:
        config["note"] = "x" * 20_000

    with pytest.raises(CorruptModel, match=r"config\.json has"):
        load(rewritten(benign, tmp_path / "long.keras", long))
    monkeypatch.undo()
    with zipfile.ZipFile(tmp_path / "deep.keras", "w") as archive:
        archive.writestr("config.json", "[" * 200_000)
        archive.writestr("model.weights.h5", "")
    with pytest.raises(CorruptModel):
        load(tmp_path / "deep.keras")


# --- damage ----------------------------------------------------------------------------------------------------------

CONFIGS = [
    b"",
    b"[]",
    b'"x"',
    b"null",
    b"{}",
    b"3",
    b"{",
    b"\xff\xfe",
    b'{"class_name": "Dense", "config": null}',
    b'{"class_name": "Sequential", "config": {"layers": 7}}',
    b'{"module": "keras", "class_name": "Functional", "config": {"layers": [], "input_layers": [["x", 0, 0]]}}',
]


@pytest.mark.parametrize("config", CONFIGS)
def test_configs_that_are_no_model(benign: Path, benign_h5: Path, tmp_path: Path, config: bytes) -> None:
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(benign) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, config if member.filename == "config.json" else old.read(member))
    with pytest.raises((CorruptModel, ConversionFailed)) as refused:
        load(path)
    assert refused.value.hint
    shutil.copy(benign_h5, tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        file.attrs["model_config"] = np.void(config) if config else h5py.Empty("S1")
    with pytest.raises((CorruptModel, ConversionFailed)):
        load(tmp_path / "m.h5")


def test_parts_that_are_missing(benign: Path, benign_h5: Path, tmp_path: Path) -> None:
    for missing in ("config.json", "model.weights.h5"):
        path = tmp_path / "m.keras"
        with zipfile.ZipFile(benign) as old, zipfile.ZipFile(path, "w") as new:
            for member in old.infolist():
                if member.filename != missing:
                    new.writestr(member.filename, old.read(member))
        with pytest.raises(CorruptModel, match=missing):
            load(path)
    shutil.copy(benign_h5, tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        del file.attrs["model_config"]
    with pytest.raises(CorruptModel, match="weights alone"):
        load(tmp_path / "m.h5")
    for name, kind in (("gone.keras", "keras"), ("gone.h5", "h5")):
        with pytest.raises(MissingModel, match=name):
            load(tmp_path / name, format=kind)
    with pytest.raises(MissingModel):
        load(tmp_path, format="h5")
    with pytest.raises(UnknownFormat, match=r"is not an unpacked \.keras file"):
        load(tmp_path, format="keras")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_files_cut_short_anywhere(benign: Path, benign_h5: Path, tmp_path: Path, suffix: str) -> None:
    whole = (benign if suffix == ".keras" else benign_h5).read_bytes()
    path = tmp_path / f"m{suffix}"
    for tenth in (0, 1, 3, 5, 7, 9, 9.9):
        path.write_bytes(whole[: int(len(whole) * tenth / 10)])
        with pytest.raises(CorruptModel, match="can't be read") as refused:
            load(path)
        assert "cut short" in str(refused.value.hint)
    path.write_bytes(whole[:-1])
    with pytest.raises(CorruptModel):
        load(path)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_bits_that_flipped(benign: Path, benign_h5: Path, tmp_path: Path, suffix: str) -> None:
    """Either it loads (the bit was in a weight, or in what nobody reads), or it is refused: never another error."""
    whole = (benign if suffix == ".keras" else benign_h5).read_bytes()
    path = tmp_path / f"m{suffix}"
    dice = random.Random(5)
    refused = []
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            load(path)
        except (CorruptModel, CodeRefused, ConversionFailed) as error:
            refused.append(error)
    assert len(refused) > 3
    assert all(error.hint and "\n" not in error.message for error in refused)


def test_a_config_of_keras_two_loads(benign_h5: Path, tmp_path: Path) -> None:
    def as_keras_two_wrote_it(config: Any) -> Any:
        if isinstance(config, dict):
            if config.get("class_name") == "DTypePolicy":
                return config["config"]["name"]
            kept = {
                k: as_keras_two_wrote_it(v)
                for k, v in config.items()
                if k not in {"module", "registered_name", "build_config", "quantization_config"}
            }
            if kept.get("class_name") == "InputLayer":
                kept["config"] = {
                    "batch_input_shape": [None, 4],
                    "dtype": "float32",
                    "sparse": False,
                    "ragged": False,
                    "name": "x",
                }
            return kept
        return [as_keras_two_wrote_it(item) for item in config] if isinstance(config, list) else config

    path = rewritten_h5(benign_h5, tmp_path / "m.h5", as_keras_two_wrote_it)
    with h5py.File(path) as file:
        assert "module" not in file.attrs["model_config"]
    ours = converted(path)
    agree(ours, random_inputs(ours))


def test_a_class_of_the_authors_own_in_keras_two_form_says_what_to_do(benign_h5: Path, tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        part = first_dense(config)
        part.clear()
        part.update({"class_name": "Mine", "config": {"name": "mine"}})

    with pytest.raises(CorruptModel, match="Mine") as refused:
        load(rewritten_h5(benign_h5, tmp_path / "m.h5", change))
    assert "export" in str(refused.value.hint)
