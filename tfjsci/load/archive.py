"""A ``.tar.gz`` of a stranger's, unpacked: nothing outside of the folder, no links, no more than it may be.

Its headers are read in small pieces and all of it is counted as it is unpacked, so that neither memory nor disk fill up.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from tfjsci.errors import CorruptModel
from tfjsci.quoted import quoted

GZIP_MAGIC = b"\x1f\x8b"

BOMB_FLOOR_BYTES = 256 << 20
BOMB_RATIO = 50
"""Weights don't pack so well: what unpacks to more than both fills the disk."""

MOST_MEMBERS = 20_000
_CHUNK_BYTES = 1 << 20
"""Read at once; no header is longer."""

_DAMAGED = (EOFError, OSError, zlib.error, tarfile.TarError, ValueError)
"""What gzip and tarfile make of a damaged file (gzip's own error is an OSError)."""


class _RefusedError(Exception):
    """The archive isn't one of a model's: why."""


def unpack(archive: Path, folder: Path, *, name: str) -> None:
    """Unpack ``archive``, a ``.tar.gz``, into ``folder``, which must be empty or not there; ``name`` is for messages.

    Raises ``CorruptModel`` for what is damaged or cut short, for members that would lie outside of the folder, links and
    devices, and for more bytes than ``BOMB_RATIO`` times the archive's; then the folder is gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _unpack(archive, folder)
    except _RefusedError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CorruptModel(
            f"{name} was not unpacked: {error}", hint="A model's archive holds plain files alone: pack it again."
        ) from error
    except _DAMAGED as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CorruptModel(
            f"{name} can't be unpacked as a .tar.gz: {quoted(error) or type(error).__name__}",
            hint="It is damaged or cut short (an unfinished download?), or no .tar.gz. Fetch or pack it again.",
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(archive: Path, folder: Path) -> None:
    most = max(BOMB_FLOOR_BYTES, BOMB_RATIO * archive.stat().st_size)
    with archive.open("rb") as raw, _Bounded(raw, most) as data, tarfile.open(fileobj=data, mode="r:") as tar:
        for number, member in enumerate(tar):
            if number >= MOST_MEMBERS:
                raise _RefusedError(f"it has more than {MOST_MEMBERS:,} members")
            place = folder / _inside(member)
            if member.isdir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(member)
            if content is None:
                raise _RefusedError(f"its member {member.name!r} is no plain file")
            with content, place.open("xb") as file:
                shutil.copyfileobj(content, file, _CHUNK_BYTES)
            if place.stat().st_size != member.size:
                raise EOFError(f"{member.name} ends early")
        while data.read(_CHUNK_BYTES):  # what follows the last member, and gzip's checksum behind it
            pass


def _inside(member: tarfile.TarInfo) -> PurePosixPath:
    """Where a member goes, below the folder. Raises ``_RefusedError``."""
    shown = repr(member.name[:200])
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise _RefusedError(f"its member {shown} would lie outside of the folder")
    if member.issym() or member.islnk():
        raise _RefusedError(f"its member {shown} is a link")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise _RefusedError(f"its member {shown} is no plain file")
    return path


class _Bounded(gzip.GzipFile):
    """Unpacked bytes, up to a limit, read in small pieces."""

    def __init__(self, raw: IO[bytes], most: int) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _CHUNK_BYTES:
            raise _RefusedError(f"it has a header of more than {_CHUNK_BYTES} bytes")
        data = super().read(size)
        self._held(self.tell())
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            self._held(offset)
        return super().seek(offset, whence)

    def _held(self, place: int) -> None:
        if place > self._most:
            raise _RefusedError(f"it unpacks to more than {self._most:,} bytes, {BOMB_RATIO} times its size")
