"""What is converted: a file, a folder or an address, or a model that is at hand in Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tfjsci.load.load import LoadOptions
from tfjsci.load.loaded import LoadedGraph
from tfjsci.source import Source

Loader = Callable[[LoadOptions], LoadedGraph]
"""Which signature (None: the model's own), sizes that are pinned, and what becomes of its state -> the model."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A source: a file or folder, or a model in memory, of which ``load`` makes a graph; ``name`` is how it is called.

    ``save`` writes such a model as a Keras file into a folder, where it is one of Keras'.
    """

    name: str
    path: Source | None = None
    load: Loader | None = None
    save: Callable[[Path], Path] | None = None
