"""What a visitor downloads: bytes of an artifact as files, and as a server would compress them."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli

from tfjsci.artifact.artifact import Download

GZIP_LEVEL = 6
"""What servers use when they compress as they send (nginx and Apache choose 1 to 6)."""

BROTLI_QUALITY = 5
"""The same for brotli; 11, for files compressed ahead, saves a few percent more and takes minutes on 100 MB."""


def measure_download(folder: Path, files: tuple[str, ...]) -> Download:
    """Sum over ``model.json`` and the shards, each compressed on its own as HTTP does."""
    raw = gz = br = 0
    for name in files:
        data = (folder / name).read_bytes()
        raw += len(data)
        gz += len(gzip.compress(data, GZIP_LEVEL, mtime=0))
        br += len(brotli.compress(data, quality=BROTLI_QUALITY))
    return Download(raw_bytes=raw, gzip_bytes=gz, brotli_bytes=br)
