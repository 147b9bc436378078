"""A module of TensorFlow Hub or a model of Kaggle's -> LoadedGraph: a folder, a ``.tar.gz``, an address, a handle.

What was fetched or unpacked is a SavedModel, TensorFlow 2's or 1's (with a ``tfhub_module.pb`` beside it), and is read as one.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tfjsci.errors import TfjsciError, UnknownFormat
from tfjsci.graph.graph import Shape
from tfjsci.load.archive import unpack
from tfjsci.load.download import address_of
from tfjsci.load.hub_cache import fetched
from tfjsci.load.kaggle import fetched_from_kaggle
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.saved_model import load_saved_model
from tfjsci.source import Remote, Source

HUB_FILE = "tfhub_module.pb"
_SAVED_MODEL = "saved_model.pb"
_DEEPEST = 3
"""Folders that an archive may have around the module."""


def load_hub(
    source: Source,
    *,
    signature: str | None = None,
    tags: Sequence[str] | None = None,
    input_shapes: Mapping[str, Shape] | None = None,
    state_as_io: bool = False,
) -> LoadedGraph:
    """Load one signature of a module: ``serving_default``, ``default`` (TensorFlow Hub's first format), or the only one.

    The network is used for an address or a handle alone, and only where the cache hasn't got it. Raises ``DownloadFailed``,
    ``PackageMissing``, ``OutputUnwritable`` (the cache), ``UnknownFormat`` for what isn't a SavedModel, and what
    :func:`load_saved_model` raises.
    """
    scratch: Path | None = None
    if isinstance(source, Remote):
        got = fetched(address_of(source.text)) if source.kind == "url" else fetched_from_kaggle(source.text)
        if got.is_file():
            scratch, got = _unpacked(got)
    elif source.is_file():
        scratch, got = _unpacked(source)
    else:
        got = source
    folder = got
    try:
        folder = _module_in(got, source.name)
        loaded = load_saved_model(
            folder,
            signature=signature,
            tags=tags,
            input_shapes=input_shapes,
            hub=True,
            state_as_io=state_as_io,
        )
    except BaseException as error:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        if isinstance(error, TfjsciError) and isinstance(source, Remote):
            _name_as_given(error, folder.name, source.name)
        raise
    if scratch is not None:  # the original is loaded from it when it is first run
        weakref.finalize(loaded.original, shutil.rmtree, scratch, ignore_errors=True)
    return replace(loaded, format="hub")


def _name_as_given(error: TfjsciError, folder: str, given: str) -> None:
    """Tell an error of the module by the address or handle: the folder in the cache is nobody's choice. In place."""
    named = re.compile(rf"(^|SavedModel |\bof |\bin ){re.escape(folder)}(?=[ ,:/]|$)")
    message = named.sub(lambda found: f"{found[1]}{given}", error.message)
    error.message = message if given in message else f"{given}: {message}"
    error.args = (error.message, *error.args[1:])


@contextmanager
def opened_module(source: Path) -> Iterator[Path]:
    """The SavedModel's folder in a module that lies here; an archive is unpacked for as long as it is looked at."""
    scratch, folder = _unpacked(source) if source.is_file() else (None, source)
    try:
        yield _module_in(folder, source.name)
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _unpacked(archive: Path) -> tuple[Path, Path]:
    """A temporary folder, and what was unpacked in it."""
    folder = Path(tempfile.mkdtemp(prefix="tfjsci-hub-"))
    try:
        unpack(archive, folder / archive.name, name=archive.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder, folder / archive.name


def _module_in(folder: Path, name: str) -> Path:
    """The folder with the SavedModel: this one, or the only one below it. Raises ``UnknownFormat``."""
    level = [folder]
    for _ in range(_DEEPEST + 1):
        found = [each for each in level if (each / _SAVED_MODEL).is_file()]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(sorted(str(each.relative_to(folder)) for each in found))
            raise UnknownFormat(f"{name} holds several SavedModels: {listed}", hint="Unpack it and give one of them.")
        level = [each for parent in level for each in sorted(parent.iterdir()) if each.is_dir()]
    raise UnknownFormat(
        f"{name} holds no SavedModel: there is no {_SAVED_MODEL} in it",
        hint="Only modules and models for TensorFlow are read, not those for TFLite or TensorFlow.js.",
    )
