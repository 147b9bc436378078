"""Arrays out of .npy and .npz files that anyone may have written: no pickles, no surprises in size.

The header of each array is read before its data, so that a file of a few bytes can't ask for terabytes.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.manifest.resolved import InputFile

MAX_ARRAY_BYTES = 1 << 30
"""Largest array that is read: all of it is held in memory, in Python and again in the browser."""

_ZIP_MAGIC = b"PK"
_NPY_MAGIC = b"\x93NUMPY"
_UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, MemoryError)
_HOW_TO_SAVE = "Save it with numpy.save or numpy.savez, with one array per input."


def read_array(file: InputFile, *, name: str, max_bytes: int = MAX_ARRAY_BYTES) -> npt.NDArray[np.generic]:
    """The array of ``file`` that is meant for the input ``name``: any shape; numbers, bools or strings.

    Raises ``BadInputs``: the file is missing, is neither .npy nor .npz, is cut off, lacks the array, or the array
    holds Python objects or is larger than ``max_bytes``.
    """
    if not file.path.is_file():
        there = "isn't a file" if file.path.exists() else "isn't there"
        raise BadInputs(f"input {name!r}: {file.text} {there}", hint="Paths are relative to the manifest.")
    try:
        with file.path.open("rb") as stream:
            magic = stream.read(len(_NPY_MAGIC))
            stream.seek(0)
            if magic.startswith(_ZIP_MAGIC):
                return _from_npz(stream, file, name, max_bytes)
            if magic == _NPY_MAGIC:
                if file.key is not None:
                    raise BadInputs(
                        f"input {name!r}: {file.text} is an .npy file, which has no array {file.key!r}",
                        hint="Leave the key out: an .npy file holds one array.",
                    )
                return _read(stream, file.path.stat().st_size, f"input {name!r}: {file.text}", max_bytes)
    except _UNREADABLE as exc:
        raise BadInputs(f"input {name!r}: {file.text} can't be read: {exc}", hint=_HOW_TO_SAVE) from exc
    raise BadInputs(f"input {name!r}: {file.text} is neither an .npy nor an .npz file", hint=_HOW_TO_SAVE)


def _from_npz(stream: IO[bytes], file: InputFile, name: str, max_bytes: int) -> npt.NDArray[np.generic]:
    with zipfile.ZipFile(stream) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        key = _pick(members, file, name)
        where = f"input {name!r}: {file.text}, array {key!r}"
        with archive.open(members[key]) as member:
            return _read(member, members[key].file_size, where, max_bytes)


def _pick(members: Mapping[str, object], file: InputFile, name: str) -> str:
    if file.key is not None and file.key in members:
        return file.key
    if file.key is None and name in members:
        return name
    if file.key is None and len(members) == 1:
        return next(iter(members))
    wanted = f"no array {file.key!r}" if file.key is not None else f"no array named {name!r}, and not just one array"
    found = ", ".join(repr(key) for key in sorted(members)) or "none"
    raise BadInputs(
        f"input {name!r}: {file.text} has {wanted}; it has {found}", hint="Name the array with `key:` beside the file."
    )


def _read(stream: IO[bytes], size: int, where: str, max_bytes: int) -> npt.NDArray[np.generic]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        # 3.0 only adds field names in Unicode, and arrays with fields are refused anyway.
        raise BadInputs(f"{where} is of .npy version {version[0]}.{version[1]}", hint=_HOW_TO_SAVE)
    if dtype.hasobject:
        raise BadInputs(
            f"{where} holds Python objects, which only unpickling could read; tfjsci never unpickles",
            hint="Save numbers, bools or fixed-length strings: numpy.asarray(values, dtype=...) before saving.",
        )
    if dtype.names is not None or dtype.kind not in "fiubcSU":
        raise BadInputs(f"{where} is of dtype {dtype}, which no model takes", hint=_HOW_TO_SAVE)
    wanted = math.prod(shape) * dtype.itemsize
    if wanted > max_bytes:
        raise BadInputs(
            f"{where} takes {wanted} bytes; at most {max_bytes} are read", hint="Keep fewer samples in the file."
        )
    if wanted > size:
        raise BadInputs(f"{where} is cut off: {wanted} bytes are announced, {size} are there", hint=_HOW_TO_SAVE)
    stream.seek(0)
    return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))
