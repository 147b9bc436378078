"""What a visitor downloads."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import numpy as np

from tfjsci.artifact.artifact import Download, FileSize
from tfjsci.artifact.download import BROTLI_QUALITY, GZIP_LEVEL, measure_download


def test_each_file_is_compressed_on_its_own(tmp_path: Path) -> None:
    files = {"model.json": b"{" + b"a" * 5000 + b"}", "shard.bin": b"a" * 5000, "empty.bin": b""}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = measure_download(tmp_path, tuple(files))
    sizes = tuple(
        FileSize(
            name=name,
            raw_bytes=len(data),
            gzip_bytes=len(gzip.compress(data, GZIP_LEVEL)),
            brotli_bytes=len(brotli.compress(data, quality=BROTLI_QUALITY)),
        )
        for name, data in files.items()
    )
    assert found == Download(
        raw_bytes=10_002,
        gzip_bytes=sum(each.gzip_bytes for each in sizes),
        brotli_bytes=sum(each.brotli_bytes for each in sizes),
        files=sizes,
    )
    assert found.brotli_bytes < found.gzip_bytes < 200


def test_random_bytes_do_not_shrink(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(np.random.default_rng(0).bytes(10_000))
    found = measure_download(tmp_path, ("w.bin",))
    assert min(found.gzip_bytes, found.brotli_bytes) >= found.raw_bytes == 10_000


def test_only_the_artifacts_own_files_count(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b"{}")
    (tmp_path / "other.bin").write_bytes(b"a" * 1000)
    assert measure_download(tmp_path, ("model.json",)).raw_bytes == 2
