"""Keras models that lie in parts, put together to the file that Keras reads: what goes into it, and what doesn't."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tfjsci.errors import CodeRefused, CorruptModel, MissingModel, UnknownFormat
from tfjsci.load.keras_parts import joined, packed

KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)
CONFIG = {"class_name": "Sequential", "config": {"layers": []}, "keras_version": "3.15.1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "net v2"
    (folder / "assets" / "words").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    with h5py.File(folder / "model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = KERNEL
    (folder / "assets" / "words" / "vocabulary.txt").write_text("a\nb\n")
    (folder / "thesis.txt").write_text("no part of it")
    return folder


@pytest.fixture
def architecture(tmp_path: Path) -> Path:
    (tmp_path / "model.json").write_text(json.dumps(CONFIG))
    return tmp_path / "model.json"


def test_a_folder_becomes_an_archive_of_its_name_with_its_parts_alone(folder: Path) -> None:
    with packed(folder) as file:
        assert file.name == "net v2"
        with zipfile.ZipFile(file) as archive:
            assert archive.namelist() == ["config.json", "model.weights.h5", "assets/words/vocabulary.txt"]
            assert archive.read("model.weights.h5") == (folder / "model.weights.h5").read_bytes()
    assert not file.parent.exists(), "nothing temporary is left"


def test_an_asset_from_elsewhere_is_refused_and_a_link_inside_is_none(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("root")
    (folder / "assets" / "same.txt").symlink_to(folder / "assets" / "words" / "vocabulary.txt")
    with packed(folder) as file, zipfile.ZipFile(file) as archive:
        assert archive.read("assets/same.txt") == b"a\nb\n"
    (folder / "assets" / "words" / "more.txt").symlink_to(tmp_path / "secret.txt")
    with (
        pytest.raises(CodeRefused, match=r"its asset assets/words/more\.txt is a link to a file outside"),
        packed(folder),
    ):
        pass


def test_a_folder_that_is_none(folder: Path, tmp_path: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(UnknownFormat, match=r"net v2 is not an unpacked \.keras file"), packed(folder):
        pass
    with pytest.raises(MissingModel, match="no file gone"), packed(tmp_path / "gone"):
        pass


def counted(file: h5py.File) -> None:
    file["layers/dense/vars/0"] = KERNEL


def named(file: h5py.File) -> None:
    file.attrs["layer_names"] = np.array([b"dense"])
    file.attrs["keras_version"] = "2.15.0"
    file.create_group("dense").attrs["weight_names"] = [b"dense/kernel:0"]
    file["dense/dense/kernel:0"] = KERNEL


def whole(file: h5py.File) -> None:
    file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": ["another"]}})
    named(file.create_group("model_weights"))


@pytest.mark.parametrize("write", [named, whole])
def test_weights_by_name_become_hdf5_of_a_whole_model(architecture: Path, tmp_path: Path, write: Any) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write(file)
    with joined(tmp_path / "w.h5", architecture) as made, h5py.File(made) as file:
        assert made.name == "w.h5"
        assert json.loads(file.attrs["model_config"]) == CONFIG
        group = file["model_weights"]
        assert (list(group.attrs["layer_names"]), group.attrs["keras_version"]) == ([b"dense"], "2.15.0")
        np.testing.assert_array_equal(group["dense/dense/kernel:0"], KERNEL)


def test_counted_weights_become_an_archive(architecture: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.weights.h5", "w") as file:
        counted(file)
    with joined(tmp_path / "w.weights.h5", architecture) as made, zipfile.ZipFile(made) as archive:
        assert json.loads(archive.read("config.json")) == CONFIG
        assert json.loads(archive.read("metadata.json")) == {"keras_version": "3.15.1"}
        assert archive.read("model.weights.h5") == (tmp_path / "w.weights.h5").read_bytes()


def test_parts_that_are_damaged_are_named(architecture: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        named(file)
    for text in ("[1]", "{}", '{"config"', "\xff"):
        (tmp_path / "bad.json").write_text(text, "latin-1")
        with pytest.raises(CorruptModel, match=r"bad\.json can't be read as a model's architecture"):
            joined(tmp_path / "w.h5", tmp_path / "bad.json").__enter__()
    with pytest.raises(MissingModel, match=r"no file gone\.json"):
        joined(tmp_path / "w.h5", tmp_path / "gone.json").__enter__()
    (tmp_path / "w.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(CorruptModel, match=r"w\.h5 can't be read"):
        joined(tmp_path / "w.h5", architecture).__enter__()


def test_weights_that_lie_in_another_file(architecture: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(24))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        named(file)
        del file["dense/dense/kernel:0"]
        file.create_dataset("dense/dense/kernel:0", (2, 3), "f4", external=[(str(tmp_path / "secret"), 0, 24)])
    with pytest.raises(CodeRefused, match="lie in another file"):
        joined(tmp_path / "w.h5", architecture).__enter__()
