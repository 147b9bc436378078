"""A Keras model that lies in parts -> the one file that Keras reads: an unpacked ``.keras`` folder, or weights and the JSON.

Nothing is built or run here; what was put together is checked and refused as any other Keras file.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfjsci.errors import CodeRefused, MissingModel, UnknownFormat
from tfjsci.layers.source import CONFIG, METADATA, WEIGHTS, architecture_in, is_keras_source, open_weights

_ASSETS = "assets"
_NAMED = ("layer_names", "layer_names0", "model_weights")
"""What HDF5 has that keeps weights under their layers' names (Keras 2's way), and not counted (``.weights.h5``)."""


@contextmanager
def packed(folder: Path) -> Iterator[Path]:
    """The unpacked ``folder`` as an archive, which has its name and lasts as long as the block.

    Raises ``MissingModel``, ``UnknownFormat`` for another folder, and ``CodeRefused`` for an asset that lies outside of it.
    """
    if not folder.exists():
        raise MissingModel(
            f"there is no file {folder.name}", hint="Check the path; in a manifest it is relative to the manifest."
        )
    if not is_keras_source(folder):
        raise UnknownFormat(
            f"the folder {folder.name} is not an unpacked .keras file: it has no {CONFIG} and {WEIGHTS}",
            hint="Give the .keras file itself, or the folder that it was unpacked to.",
        )
    with _scratch(folder) as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name in (CONFIG, METADATA, WEIGHTS):
                if (folder / name).is_file():
                    archive.write(folder / name, name)
            for asset in sorted((folder / _ASSETS).rglob("*")):
                if asset.is_file():
                    archive.write(_inside(asset, folder), asset.relative_to(folder))
        yield file


@contextmanager
def joined(weights: Path, architecture: Path) -> Iterator[Path]:
    """The weights in ``weights`` (HDF5) and the model's JSON (``model.to_json()``) as one file, as long as the block lasts.

    It is an archive where the weights are counted, as Keras 3 writes them, and HDF5 where they have their layers' names.
    Raises ``MissingModel`` and ``CorruptModel`` (of either), and ``CodeRefused`` (weights that lie in other files).
    """
    config = architecture_in(architecture)
    with _scratch(weights) as file:
        with open_weights(weights) as stored:
            if any(name in stored.attrs or name in stored for name in _NAMED):
                _write_hdf5(file, config, stored)
            else:
                _write_archive(file, config, weights)
        yield file


def _write_archive(file: Path, config: Mapping[str, Any], weights: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(CONFIG, json.dumps(config))
        archive.writestr(METADATA, json.dumps({"keras_version": str(config.get("keras_version") or "3.0.0")}))
        archive.write(weights, WEIGHTS)


def _write_hdf5(file: Path, config: Mapping[str, Any], stored: Any) -> None:
    import h5py

    own = stored.get("model_weights", stored)
    with h5py.File(file, "w") as whole:
        whole.attrs["model_config"] = json.dumps(config)
        if version := config.get("keras_version"):
            whole.attrs["keras_version"] = str(version)
        group = whole.create_group("model_weights")
        for key, value in own.attrs.items():
            group.attrs[key] = value
        for key in own:
            own.copy(key, group)


def _inside(asset: Path, folder: Path) -> Path:
    if not asset.resolve().is_relative_to(folder.resolve()):
        raise CodeRefused(
            f"{folder.name} was not loaded: its asset {asset.relative_to(folder)} is a link to a file outside of it",
            hint="Put the file itself into the folder.",
        )
    return asset


@contextmanager
def _scratch(source: Path) -> Iterator[Path]:
    """Where to write a file that is called as ``source`` is: messages name it."""
    with tempfile.TemporaryDirectory(prefix="tfjsci-") as folder:
        yield Path(folder) / (source.name or source.absolute().name or "model")
