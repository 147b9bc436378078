"""A layers model's last file of weights, cut in two where the runtime would look for its bytes in the wrong file.

The runtime asks whether all files but the last are of one size, and then divides by it to find a byte. Where the last file is
longer than the others, that names files that there aren't, and it reads zeros, without an error.
Source: tfjs-core 4.22.0, ``composite_array_buffer.ts`` (``findShardForByte``). A single group's last file is the rest, and right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def with_last_shard_found(folder: Path, manifest: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``manifest`` as it is, or with its last file in ``folder`` cut, so that sizes differ or the last is the shortest."""
    groups = [dict(group) for group in manifest]
    paths = [path for group in groups for path in group["paths"]]
    *sizes, last = [(folder / path).stat().st_size for path in paths] or [0]
    if len(set(sizes)) != 1 or last <= sizes[0]:
        return groups
    at = next(i for i in reversed(range(len(groups))) if groups[i]["paths"])
    groups[at]["paths"] = _cut(folder, list(groups[at]["paths"]))
    return groups


def _cut(folder: Path, paths: list[str]) -> list[str]:
    """The files of a group, the last in halves: either of another size than those before, or no longer than they."""
    stem = paths[0].partition("-shard")[0]
    names = [f"{stem}-shard{i + 1}of{len(paths) + 1}.bin" for i in range(len(paths) + 1)]
    data = (folder / paths[-1]).read_bytes()
    half = (len(data) + 1) // 2
    (folder / paths[-1]).unlink()
    for was, now in zip(paths[:-1], names[:-2], strict=True):
        (folder / was).rename(folder / now)
    (folder / names[-2]).write_bytes(data[:half])
    (folder / names[-1]).write_bytes(data[half:])
    return names
