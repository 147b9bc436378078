"""What a visitor downloads: bytes of an artifact as files, and as a server would compress them."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli

from tfjsci.artifact.artifact import Download, FileSize

GZIP_LEVEL = 6
"""What servers use when they compress as they send (nginx and Apache choose 1 to 6)."""

BROTLI_QUALITY = 5
"""The same for brotli; 11, for files compressed ahead, saves a few percent more and takes minutes on 100 MB."""


def measure_download(folder: Path, files: tuple[str, ...]) -> Download:
    """``model.json`` and the shards, each compressed on its own as HTTP does, and their sums."""
    sizes = tuple(_sizes(name, (folder / name).read_bytes()) for name in files)
    return Download(
        raw_bytes=sum(each.raw_bytes for each in sizes),
        gzip_bytes=sum(each.gzip_bytes for each in sizes),
        brotli_bytes=sum(each.brotli_bytes for each in sizes),
        files=sizes,
    )


def _sizes(name: str, data: bytes) -> FileSize:
    return FileSize(
        name=name,
        raw_bytes=len(data),
        gzip_bytes=len(gzip.compress(data, GZIP_LEVEL, mtime=0)),
        brotli_bytes=len(brotli.compress(data, quality=BROTLI_QUALITY)),
    )
