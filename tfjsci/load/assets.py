"""Files that a SavedModel brings along: vocabularies, read line by line from its assets folder and from nowhere else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from tfjsci.errors import CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.load.named_folder import NamedFolder

ASSETS = "assets"
WHOLE_LINE, LINE_NUMBER = -2, -1
"""What a column's number means in TensorFlow's initialisers from text files, where it is none."""

MAX_BYTES = 256 << 20
"""Of a vocabulary: all of it is held in memory, and again in the browser."""


def asset_files(folder: NamedFolder, meta: Any) -> dict[str, Path]:
    """The node that stands for each asset -> the file. Raises ``CorruptModel`` for one that lies elsewhere."""
    return {
        asset.tensor_info.name.partition(":")[0]: inside_assets(folder, asset.filename) for asset in meta.asset_file_def
    }


def inside_assets(folder: NamedFolder, name: str) -> Path:
    """The file ``name`` of the assets. Raises ``CorruptModel`` when it leaves the folder, by its name or by a link."""
    pure = PurePosixPath(name)
    leaves = pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in name or "\0" in name
    assets = folder.path / ASSETS
    if leaves or not (assets / pure).resolve().is_relative_to(assets.resolve()):
        raise CorruptModel(
            f"the SavedModel {folder.name} names the asset {name!r}, which lies outside of its assets folder",
            hint="Export the model again: its vocabulary files belong into assets/.",
        )
    return assets / pure


def vocabulary(
    file: Path,
    *,
    key_index: int,
    value_index: int,
    delimiter: bytes,
    size: int,
    offset: int,
    dtypes: tuple[str, str],
    path: str,
) -> tuple[Array, Array]:
    """Keys and values of the table ``path`` from the lines of a text file, as TensorFlow's TextFileInitializer takes them.

    An index is a column, ``WHOLE_LINE`` or ``LINE_NUMBER``; ``size`` lines are read (-1: all), ``offset`` is added to line
    numbers. Raises ``CorruptModel``.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has {file.stat().st_size} bytes, at most {MAX_BYTES} are read")
        lines = file.read_bytes().replace(b"\r", b"").split(b"\n")  # TensorFlow drops every carriage return, too
        if lines and not lines[-1]:
            lines.pop()
        if size > len(lines):
            raise ValueError(f"it has {len(lines)} lines, {size} are wanted")
        lines = lines if size < 0 else lines[:size]
        keys, values = (
            _column(lines, index, delimiter, dtype, offset)
            for index, dtype in zip((key_index, value_index), dtypes, strict=True)
        )
    except (OSError, ValueError, IndexError) as error:
        raise CorruptModel(
            f"the vocabulary {file.name} of the look-up table {path} can't be read: {error}",
            hint="It is missing, cut short, or not as the table wants it. Export the model again.",
        ) from error
    return keys, values


def _column(lines: list[bytes], index: int, delimiter: bytes, dtype: str, offset: int) -> Array:
    if index == LINE_NUMBER:
        return np.arange(offset, offset + len(lines)).astype(dtype)
    items = lines if index == WHOLE_LINE else [line.split(delimiter)[index] for line in lines]
    if dtype == "string":
        column = np.empty(len(items), dtype=object)
        column[:] = items
        return column
    return np.array([float(item) if dtype.startswith("float") else int(item) for item in items], dtype=dtype)
