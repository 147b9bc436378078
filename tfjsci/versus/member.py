"""What one of the two is, found by looking: an original, which TensorFlow runs, an artifact, which a browser does, or results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tfjsci.dtypes import SchemeName
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.format.weights import GRAPH_MODEL, LAYERS_MODEL, format_in, read_document
from tfjsci.source import Remote, Source, parse_source
from tfjsci.versus.stored import coarsest_scheme

RESULTS = "results.json"

MemberKind = Literal["original", "graph-model", "layers-model", "results"]


@dataclass(frozen=True, kw_only=True)
class Member:
    """``path`` is the artifact's folder, or the file with the results; ``name`` is how it is called in what is told.

    ``quantized`` is the coarsest scheme that an artifact's weights are stored in, None where all are as they are.
    """

    kind: MemberKind
    source: Source
    name: str
    quantized: SchemeName | None = None

    @property
    def path(self) -> Path:
        """Of what lies on the disk."""
        assert isinstance(self.source, Path)
        return self.source

    @property
    def in_browser(self) -> bool:
        """Whether a browser runs it."""
        return self.kind in (GRAPH_MODEL, LAYERS_MODEL)


def look(text: str) -> Member:
    """A path or an address as it was written. What is no artifact and no results is taken for an original.

    Raises ``CorruptModel`` for a model.json that can't be read; whether an original can be is seen when it is loaded.
    """
    source = parse_source(text)
    name = one_line(text)
    if isinstance(source, Remote):
        return Member(kind="original", source=source, name=name)
    if source.is_dir() and (source / RESULTS).is_file():
        return Member(kind="results", source=source / RESULTS, name=name)
    if source.is_file() and source.suffix == ".json" and source.name != "model.json" and format_in(source) is None:
        return Member(kind="results", source=source, name=name)
    file = source / "model.json" if source.is_dir() else source
    if file.suffix == ".json" and file.is_file():
        kind = format_in(file)
        if kind in (GRAPH_MODEL, LAYERS_MODEL):
            if file.name != "model.json":
                raise UsageError(
                    f"{name} is a TensorFlow.js model under another name than model.json",
                    hint="Give the folder that holds its model.json and its shards.",
                )
            document = read_document(file, GRAPH_MODEL if kind == GRAPH_MODEL else LAYERS_MODEL)
            return Member(
                kind="graph-model" if kind == GRAPH_MODEL else "layers-model",
                source=file.parent,
                name=name,
                quantized=coarsest_scheme(document),
            )
    return Member(kind="original", source=source, name=name)
