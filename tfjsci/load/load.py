"""Which format a source is, found by looking, and the one table of loaders."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tfjsci.errors import CorruptModel, MissingModel, UnknownFormat
from tfjsci.graph.graph import Shape
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.pinned import with_pinned_inputs

Format = Literal["keras", "h5", "saved_model"]
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_LFS_POINTER = b"version https://git-lfs."


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """What a loader may need to know. ``allow_code`` comes from the command line only, never from a manifest.

    ``input_shapes`` are to be those of the inputs, by name, and ``batch`` the size of first dimensions that are open then;
    a None leaves open what is open.
    """

    signature: str | None = None
    allow_code: bool = False
    input_shapes: Mapping[str, Shape] = field(default_factory=dict)
    batch: int | None = None


def _keras(path: Path, options: LoadOptions) -> LoadedGraph:
    from tfjsci.load.keras_file import load_keras

    return load_keras(path, allow_code=options.allow_code)


def _h5(path: Path, options: LoadOptions) -> LoadedGraph:
    from tfjsci.load.keras_file import load_h5

    return load_h5(path, allow_code=options.allow_code)


def _saved_model(path: Path, options: LoadOptions) -> LoadedGraph:
    from tfjsci.load.saved_model import load_saved_model

    return load_saved_model(path, signature=options.signature)


LOADERS: dict[Format, Callable[[Path, LoadOptions], LoadedGraph]] = {
    "keras": _keras,
    "h5": _h5,
    "saved_model": _saved_model,
}


def load(source: Path, *, format: str = "auto", options: LoadOptions | None = None) -> LoadedGraph:  # noqa: A002
    """Load a model of any known format. Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`."""
    kind = detect(source) if format == "auto" else format
    options = options or LoadOptions()
    loaded = LOADERS[kind](source, options)  # type: ignore[index]
    return with_pinned_inputs(loaded, options.input_shapes, options.batch)


def detect(source: Path) -> Format:
    """The format by content, not by name. Raises ``MissingModel``, ``UnknownFormat`` and ``CorruptModel``."""
    if not os.path.exists(source):  # noqa: PTH110  # Path.exists raises for a name too long or a folder that is closed
        raise MissingModel(
            f"there is no file or folder {source.name}",
            hint="Check the path; in a manifest it is relative to the manifest. Is it built or downloaded before this runs?",
        )
    if source.is_dir():
        if (source / "saved_model.pb").is_file():
            return "saved_model"
        raise UnknownFormat(
            f"the folder {source.name} is not a SavedModel: it has no saved_model.pb",
            hint="Give the folder that holds saved_model.pb and variables/, or a .keras or .h5 file.",
        )
    if not source.is_file():
        raise UnknownFormat(
            f"{source.name} is neither a file nor a folder", hint="Give a model, not a device, pipe or socket."
        )
    try:
        with source.open("rb") as file:
            head = file.read(len(_LFS_POINTER))
    except OSError as error:
        raise CorruptModel(
            f"{source.name} can't be read: {error.strerror or error}",
            hint="Check that whoever runs this may read the file, and that the disk is in order.",
        ) from error
    if head == _LFS_POINTER:
        raise CorruptModel(
            f"{source.name} is a Git LFS pointer, not the model itself",
            hint="Fetch the content: git lfs pull (in a workflow, lfs: true of actions/checkout).",
        )
    if head.startswith(_HDF5_MAGIC):
        return "h5"
    if zipfile.is_zipfile(source) or source.suffix == ".keras":
        return "keras"
    if source.suffix in {".h5", ".hdf5"}:
        return "h5"
    raise UnknownFormat(
        f"{source.name} is of no format that is read here",
        hint="Readable: .keras, .h5 (a whole model, not weights alone), a SavedModel folder.",
    )
