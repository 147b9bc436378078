"""Modules that were fetched, kept: unpacked, each under its archive's checksum, and by address which one that was.

    urls/<sha256 of the address>.json     the address, its archive's checksum and size
    modules/<sha256 of the archive>/      files.json (each file's checksum) and model/

A module is used again only where all its files are as they were unpacked; else it is fetched anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tfjsci.errors import OutputUnwritable
from tfjsci.load.archive import unpack
from tfjsci.load.download import Address, download

PLACE = "TFJSCI_CACHE"
"""The environment variable that says where the cache is."""

_MODEL, _FILES = "model", "files.json"


def cache_folder() -> Path:
    """``$TFJSCI_CACHE``, else ``tfjsci`` in the user's cache folder (``$XDG_CACHE_HOME``, ``~/.cache``)."""
    if own := os.environ.get(PLACE):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfjsci"


def fetched(address: Address, *, cache: Path | None = None) -> Path:
    """The folder that the module was unpacked to, fetched if it isn't there yet or not as it was.

    Raises ``DownloadFailed``, ``CorruptModel``, and ``OutputUnwritable`` for a cache that can't be written; then nothing new
    is left in it.
    """
    folder = (cache or cache_folder()) / "hub"
    known = _known(folder, address)
    if known is not None:
        return known
    with _writable(folder):
        (folder / "modules").mkdir(parents=True, exist_ok=True)
        (folder / "urls").mkdir(exist_ok=True)
        # In the cache itself: what is done is moved into its place, which only one file system can
        scratch = Path(tempfile.mkdtemp(prefix="fetching-", dir=folder))
    try:
        with _writable(folder):
            got = download(address, scratch / "archive")
        unpack(scratch / "archive", scratch / "module" / _MODEL, name=address.url.partition("?")[0])
        with _writable(folder):
            module = scratch / "module"
            _write(module / _FILES, _checksums(module / _MODEL))
            place = folder / "modules" / got.sha256
            if not _is_whole(place):
                shutil.rmtree(place, ignore_errors=True)
                _move(module, place)
            _write(scratch / "url.json", {"url": address.url, "sha256": got.sha256, "bytes": got.bytes})
            (scratch / "url.json").replace(_entry(folder, address))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return place / _MODEL


def _move(module: Path, place: Path) -> None:
    try:
        module.rename(place)
    except OSError:
        if not _is_whole(place):  # else another process was faster
            raise


def _known(folder: Path, address: Address) -> Path | None:
    try:
        entry = json.loads(_entry(folder, address).read_text("utf-8"))
        sha256 = entry["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or half written by another program: it is fetched
    if address.sha256 not in (None, sha256):
        return None
    place = folder / "modules" / str(sha256)
    return place / _MODEL if _is_whole(place) else None


def _entry(folder: Path, address: Address) -> Path:
    return folder / "urls" / f"{hashlib.sha256(address.url.encode()).hexdigest()}.json"


def _is_whole(place: Path) -> bool:
    try:
        wanted = json.loads((place / _FILES).read_text("utf-8"))
        return bool(wanted == _checksums(place / _MODEL))
    except (OSError, ValueError):
        return False


def _checksums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputUnwritable(
            f"the cache {folder} can't be written: {error.strerror or error}",
            hint=f"Give another folder with {PLACE}, or fetch the model yourself and give its path.",
        ) from error
