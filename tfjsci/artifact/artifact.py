"""What the converter wrote: one folder with ``model.json`` and its shards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfjsci.signature import TensorSpec

__all__ = ["Artifact", "Download", "FileSize", "TensorSpec", "WeightSummary"]


@dataclass(frozen=True, kw_only=True)
class FileSize:
    """One file of a download, in bytes as :class:`Download` counts them."""

    name: str
    raw_bytes: int
    gzip_bytes: int
    brotli_bytes: int


@dataclass(frozen=True, kw_only=True)
class Download:
    """Bytes of ``model.json`` and all shards: as files, and as gzip (level 6) and brotli (quality 5) would send them."""

    raw_bytes: int
    gzip_bytes: int
    brotli_bytes: int
    files: tuple[FileSize, ...] = ()
    """Each of them, as a page asks for them: ``model.json`` first, then all shards at once."""


@dataclass(frozen=True, kw_only=True)
class WeightSummary:
    """How many weights there are, by stored dtype, and their bytes."""

    dtype: str
    count: int
    stored_bytes: int


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A written variant. ``path`` is its folder; ``variant`` is ``"float"`` or the name of a quantisation."""

    variant: str
    path: Path
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    nodes: int
    """Graph nodes other than Const and Placeholder."""
    ops: dict[str, int]
    parameters: int
    weights: tuple[WeightSummary, ...]
    shards: tuple[str, ...]
    download: Download
    sha256: str
    """Of model.json and the shards in order: equal artifacts have equal digests."""
