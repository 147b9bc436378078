"""Keras files, read without Keras: config and weights. Nothing in them is run, and nothing outside of them is touched.

Read are ``.keras`` (an archive or its unpacked folder), whole ``.h5`` models of Keras 2 and 3, and weights alone (``.h5`` or
``.weights.h5``) together with the model's JSON (``model.to_json()``).
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.errors import CodeRefused, CorruptModel, MissingModel, UnknownFormat, UsageError
from tfjsci.graph.graph import Array
from tfjsci.hdf5_outside import outside_data
from tfjsci.layers.keras_model import Dialect, KerasModel
from tfjsci.layers.parse import BadConfigError, dialect_of, parse_model
from tfjsci.layers.refused import NoLayersModel, Refusal
from tfjsci.layers.stored import NOWHERE, CountedPlace, NamedFile, Place, StoredWeight, optimizer_weights
from tfjsci.mistaken import HEAD_BYTES, refuse_mistaken
from tfjsci.quoted import quoted

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"

MAX_CONFIG_BYTES = 64 << 20
BOMB_FLOOR_BYTES = 256 << 20
BOMB_RATIO = 50
"""Neither an archive nor HDF5 packs weights so well: what says that it holds more fills memory and disk."""

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"

_UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, EOFError, RecursionError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What h5py, zipfile and json make of a damaged file."""


@dataclass(frozen=True, kw_only=True)
class KerasSource:
    """A file while it is open: weights are read on demand. ``compiled`` is how it was compiled, as Keras wrote it.

    ``optimizer`` is what its optimizer keeps, in Keras' order.
    """

    format: str
    model: KerasModel
    dialect: Dialect
    keras_version: str
    compiled: Any
    optimizer: tuple[StoredWeight, ...]


@contextmanager
def open_source(path: Path, *, architecture: Path | None = None) -> Iterator[KerasSource]:
    """Open a Keras file. ``architecture``: the model's JSON, where the file holds weights alone.

    Raises ``MissingModel``, ``UnknownFormat``, ``CorruptModel``, ``CodeRefused`` (weights that lie in other files),
    ``NoLayersModel`` for a model that isn't made of layers, and ``UsageError`` for an ``architecture`` where the file has one.
    """
    if not path.is_dir() and not path.is_file():
        raise MissingModel(
            f"there is no file {path.name}", hint="Check the path; in a manifest it is relative to the manifest."
        )
    if architecture is not None and (
        path.is_dir() or (zipfile.is_zipfile(path) and not _starts_with(path, _HDF5_MAGIC))
    ):
        raise UsageError(
            f"--architecture is for weights alone, in HDF5, and {path.name} says itself which layers it has",
            hint="Leave --architecture (architecture= in Python) out.",
        )
    with _folder(path) if path.is_dir() else _file(path, architecture) as source:
        yield source


def _file(path: Path, architecture: Path | None) -> AbstractContextManager[KerasSource]:
    head = _head(path)
    refuse_mistaken(head, path.name)
    if head.startswith(_HDF5_MAGIC):
        return _hdf5(path, architecture)
    if zipfile.is_zipfile(path) or path.suffix == ".keras":
        return _archive(path)
    if path.suffix in (".h5", ".hdf5"):
        return _hdf5(path, architecture)
    raise UnknownFormat(
        f"{path.name} is not a Keras file",
        hint="A layers model is made of .keras, .h5, or an unpacked .keras folder.",
    )


def is_keras_source(path: Path) -> bool:
    """Whether the file or folder is one that a layers model can be made of, by its looks."""
    if path.is_dir():
        return (path / CONFIG).is_file() and (path / WEIGHTS).is_file()
    return path.is_file() and (
        path.suffix in (".keras", ".h5", ".hdf5") or _starts_with(path, _HDF5_MAGIC) or zipfile.is_zipfile(path)
    )


@contextmanager
def open_weights(path: Path) -> Iterator[Any]:
    """The HDF5 file of a Keras file or folder, whatever its config says. Raises ``CorruptModel`` and ``CodeRefused``."""
    try:
        if path.is_file() and not _starts_with(path, _HDF5_MAGIC):
            _, _, weights = _unzipped(path)
            file = _opened(io.BytesIO(weights), len(weights))
        else:
            where = path / WEIGHTS if path.is_dir() else path
            file = _opened(where, where.stat().st_size)
    except _UNREADABLE as error:
        raise _corrupt(path, "a Keras file", error) from error
    with file:
        yield file


def _unzipped(path: Path) -> tuple[Any, Any, bytes]:
    """Config, metadata and the HDF5 file of an archive that doesn't unpack to far more than it is."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > max(BOMB_FLOOR_BYTES, BOMB_RATIO * path.stat().st_size):
            raise ValueError(f"it unpacks to {unpacked} bytes, more than {BOMB_RATIO} times its size")
        size = archive.getinfo(CONFIG).file_size
        if size > MAX_CONFIG_BYTES:
            raise ValueError(f"{CONFIG} has {size} bytes, at most {MAX_CONFIG_BYTES} are read")
        metadata = json.loads(archive.read(METADATA)) if METADATA in archive.namelist() else {}
        return json.loads(archive.read(CONFIG)), metadata, archive.read(WEIGHTS)


@contextmanager
def _archive(path: Path) -> Iterator[KerasSource]:
    try:
        config, metadata, weights = _unzipped(path)
        file = _opened(io.BytesIO(weights), len(weights))
    except _UNREADABLE as error:
        raise _corrupt(path, "a .keras archive", error) from error
    with file:
        data = np.frombuffer(weights, np.uint8) if file.userblock_size == 0 else None
        yield _zipped(path, config, metadata, file, data)


@contextmanager
def _folder(path: Path) -> Iterator[KerasSource]:
    if not (path / CONFIG).is_file() or not (path / WEIGHTS).is_file():
        _refuse_graph(path)
        raise UnknownFormat(
            f"the folder {path.name} is not an unpacked .keras file: it has no {CONFIG} and {WEIGHTS}",
            hint="A layers model is made of .keras, .h5, or an unpacked .keras folder; a SavedModel gives a graph model.",
        )
    try:
        config = _json(path / CONFIG)
        metadata = _json(path / METADATA) if (path / METADATA).is_file() else {}
        file = _opened(path / WEIGHTS, (path / WEIGHTS).stat().st_size)
    except _UNREADABLE as error:
        raise _corrupt(path, "a .keras folder", error) from error
    with file:
        yield _zipped(path, config, metadata, file, _bytes_of(path / WEIGHTS, file))


def _refuse_graph(path: Path) -> None:
    """Of a graph there is no way to layers. Raises ``UnknownFormat`` that says whose folder it is."""
    hint = (
        "Convert it to a graph model (--output-format graph). A layers model is made of .keras, .h5, "
        "or an unpacked .keras folder."
    )
    if (path / "saved_model.pb").is_file():
        raise UnknownFormat(
            f"the SavedModel {path.name} holds no Keras model: it has no keras_metadata.pb, which tf_keras writes beside the "
            "graph and Keras 3 doesn't",
            hint=hint,
        )
    if (path / "model.json").is_file():
        raise UnknownFormat(
            f"{path.name} is a graph model of TensorFlow.js: the layers aren't in it any more", hint=hint
        )


def _zipped(path: Path, config: Any, metadata: Any, file: Any, data: Array | None) -> KerasSource:
    version = str(metadata.get("keras_version") or "") if isinstance(metadata, Mapping) else ""
    compiled = config.get("compile_config") if isinstance(config, Mapping) else None
    return _source(path, "keras", config, version, _counted(file, data), compiled, optimizer_weights(file, data))


def _bytes_of(path: Path, file: Any) -> Array | None:
    """The file mapped into memory; offsets in HDF5 don't count a block that users may put in front."""
    return np.memmap(path, np.uint8, mode="r") if file.userblock_size == 0 else None


def _counted(file: Any, data: Array | None) -> Place:
    container = "_layer_checkpoint_dependencies" if "_layer_checkpoint_dependencies" in file else "layers"
    return CountedPlace(file=file, path="", container=container, data=data)


@contextmanager
def _hdf5(path: Path, architecture: Path | None) -> Iterator[KerasSource]:
    try:
        file = _opened(path, path.stat().st_size)
    except _UNREADABLE as error:
        raise _corrupt(path, "an HDF5 file", error) from error
    with file:
        try:
            config, version, place, compiled, optimizer = _parts(path, file, architecture)
        except _UNREADABLE as error:
            raise _corrupt(path, "an HDF5 file", error) from error
        yield _source(path, "h5", config, version, place, compiled, optimizer)


def _parts(path: Path, file: Any, architecture: Path | None) -> tuple[Any, str, Place, Any, tuple[StoredWeight, ...]]:
    data = _bytes_of(path, file)
    if architecture is not None:
        config = architecture_in(architecture)
        version = str(config.get("keras_version") or _text(file.attrs.get("keras_version")) or "")
        by_name = "layer_names" in file.attrs or "layer_names0" in file.attrs
        place: Place = NamedFile(group=file, data=data) if by_name else _counted(file, data)
        if "model_weights" in file:
            place = NamedFile(group=file["model_weights"], data=data)
        return config, version, place, None, optimizer_weights(file, data)
    raw = file.attrs.get("model_config")
    if raw is None:
        raise CorruptModel(
            f"{path.name} holds no model_config: weights alone, without the layers they belong to",
            hint="Give the model's JSON (model.to_json()) with --architecture, or save it whole: model.save('model.keras').",
        )
    compiled = file.attrs.get("training_config")
    return (
        json.loads(raw),
        _text(file.attrs.get("keras_version")) or _text(file["model_weights"].attrs.get("keras_version")) or "",
        NamedFile(group=file["model_weights"], data=data),
        None if compiled is None else json.loads(compiled),
        optimizer_weights(file, data),
    )


def _source(
    path: Path, kind: str, config: Any, version: str, place: Place, compiled: Any, optimizer: tuple[StoredWeight, ...]
) -> KerasSource:
    dialect = dialect_of(version, config)
    try:
        model = parse_model(config, dialect=dialect, place=place)
    except BadConfigError as error:
        named = str(config.get("class_name", "")) if isinstance(config, Mapping) else ""
        whole = Refusal(layer="the model", class_name=named or "of no class", reason=str(error))
        raise NoLayersModel(path.name, (whole,)) from error
    except _UNREADABLE as error:
        raise _corrupt(path, "a Keras config", error) from error
    return KerasSource(
        format=kind, model=model, dialect=dialect, keras_version=version, compiled=compiled, optimizer=optimizer
    )


def _opened(source: Any, size: int) -> Any:
    """The HDF5 file, whose weights are in it and not more than it can hold. Raises what h5py raises, and ``ValueError``."""
    import h5py

    file = h5py.File(source, "r")
    try:
        outside = outside_data(file)
        if outside:
            raise CodeRefused(
                f"the file was not loaded: its weights at {outside} lie in another file",
                hint="Save the model whole: model.save(path).",
            )
        told = _told_bytes(file)
        if told > max(BOMB_FLOOR_BYTES, BOMB_RATIO * size):
            raise ValueError(f"its weights unpack to {told} bytes, more than {BOMB_RATIO} times its size")
    except BaseException:
        file.close()
        raise
    return file


def _told_bytes(file: Any) -> int:
    """What the datasets would take in memory."""
    import h5py

    total = 0

    def add(_: str, item: Any) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset):
            total += int(item.nbytes)

    file.visititems(add)
    return total


def _json(path: Path) -> Any:
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, at most {MAX_CONFIG_BYTES} are read")
    return json.loads(path.read_bytes())


def architecture_in(path: Path) -> Mapping[str, Any]:
    """The model's JSON, as ``model.to_json()`` gives it. Raises ``MissingModel`` and ``CorruptModel``."""
    try:
        config = _json(path)
        if not isinstance(config, dict) or "config" not in config:
            raise ValueError("it has no config")
    except FileNotFoundError as error:
        raise MissingModel(
            f"there is no file {path.name}", hint="Give the path of the model's JSON (model.to_json())."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise CorruptModel(
            f"{path.name} can't be read as a model's architecture: {quoted(error)}",
            hint="Give what model.to_json() returns, as a file.",
        ) from error
    return config


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else None if value is None else str(value)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _starts_with(path: Path, magic: bytes) -> bool:
    return _head(path).startswith(magic)


def _corrupt(path: Path, kind: str, error: BaseException) -> CorruptModel:
    return CorruptModel(
        f"{path.name} can't be read as {kind}: {quoted(error)}",
        hint="It is damaged or cut short (an unfinished download, Git LFS without its content?). Save the model again.",
    )


__all__ = ["NOWHERE", "KerasSource", "architecture_in", "is_keras_source", "open_source", "open_weights"]
