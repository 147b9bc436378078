"""A module of TensorFlow Hub or a model of Kaggle's -> LoadedGraph: a folder, a ``.tar.gz``, an address, a handle.

What was fetched or unpacked is a SavedModel, TensorFlow 2's or 1's (with a ``tfhub_module.pb`` beside it), and is read as one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tfjsci.errors import UnknownFormat
from tfjsci.graph.graph import Shape
from tfjsci.load.archive import unpack
from tfjsci.load.danger import SAVED_MODEL
from tfjsci.load.download import address_of
from tfjsci.load.hub_cache import fetched
from tfjsci.load.kaggle import fetched_from_kaggle
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.named_folder import NamedFolder, named
from tfjsci.load.own_folder import by_way_of_a_folder
from tfjsci.load.saved_model import load_saved_model
from tfjsci.source import Remote, Source

HUB_FILE = "tfhub_module.pb"
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
    if isinstance(source, Remote):
        lies = fetched(address_of(source.text)) if source.kind == "url" else fetched_from_kaggle(source.text)
    else:
        lies = source

    def load(folder: Path) -> LoadedGraph:
        loaded = load_saved_model(
            _module_in(folder, source.name),
            signature=signature,
            tags=tags,
            input_shapes=input_shapes,
            hub=True,
            state_as_io=state_as_io,
            name=source.name,
        )
        return replace(loaded, format="hub")

    if lies.is_file():
        return by_way_of_a_folder(lambda scratch: load(_unpacked(lies, scratch, source.name)))
    return load(lies)


@contextmanager
def opened_module(source: Path) -> Iterator[NamedFolder]:
    """The SavedModel's folder in a module that lies here; an archive is unpacked for as long as it is looked at."""
    if not source.is_file():
        yield named(_module_in(source, source.name), source.name)
        return
    with tempfile.TemporaryDirectory(prefix="tfjsci-") as scratch:
        yield named(_module_in(_unpacked(source, Path(scratch), source.name), source.name), source.name)


def _unpacked(archive: Path, scratch: Path, name: str) -> Path:
    """What is in it, in a folder below ``scratch``; ``name`` is what messages call it."""
    unpack(archive, scratch / archive.name, name=name)
    return scratch / archive.name


def _module_in(folder: Path, name: str) -> Path:
    """The folder with the SavedModel: this one, or the only one below it. Raises ``UnknownFormat``."""
    level = [folder]
    for _ in range(_DEEPEST + 1):
        found = [each for each in level if (each / SAVED_MODEL).is_file()]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(sorted(str(each.relative_to(folder)) for each in found))
            raise UnknownFormat(f"{name} holds several SavedModels: {listed}", hint="Unpack it and give one of them.")
        level = [each for parent in level for each in sorted(parent.iterdir()) if each.is_dir()]
    raise UnknownFormat(
        f"{name} holds no SavedModel: there is no {SAVED_MODEL} in it",
        hint="Only modules and models for TensorFlow are read, not those for TFLite or TensorFlow.js.",
    )
