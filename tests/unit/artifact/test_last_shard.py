"""Files of weights are so long that the runtime finds each byte in the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.artifact.last_shard import with_last_shard_found


def manifest(folder: Path, *groups: tuple[int, ...]) -> list[dict[str, object]]:
    """Groups with files of these sizes, each file of a byte of its own."""
    made: list[dict[str, object]] = []
    for number, sizes in enumerate(groups, start=1):
        names = [f"group{number}-shard{i + 1}of{len(sizes)}.bin" for i in range(len(sizes))]
        for i, (name, size) in enumerate(zip(names, sizes, strict=True)):
            (folder / name).write_bytes(bytes([16 * number + i]) * size)
        made.append({"paths": names, "weights": [{"name": f"w{number}"}]})
    return made


def found(folder: Path, groups: list[dict[str, object]]) -> list[bytes]:
    """The files as the runtime takes them: one after the other."""
    return [(folder / path).read_bytes() for group in groups for path in group["paths"]]  # type: ignore[attr-defined]


def is_right(sizes: list[int]) -> bool:
    """Whether dividing by the first size finds the file, or the runtime looks instead."""
    *first, last = sizes
    return len(set(first)) != 1 or last <= first[0]


@pytest.mark.parametrize(
    "sizes", [((4,), (9,)), ((4,), (5,)), ((4,), (4,), (8,)), ((4,), (7,)), ((1,), (2,)), ((3, 3), (3, 4))]
)
def test_a_last_file_that_is_longer_is_cut(tmp_path: Path, sizes: tuple[tuple[int, ...], ...]) -> None:
    before = manifest(tmp_path, *sizes)
    bytes_before = found(tmp_path, before)
    assert not is_right([len(each) for each in bytes_before])
    after = with_last_shard_found(tmp_path, before)
    bytes_after = found(tmp_path, after)
    assert is_right([len(each) for each in bytes_after])
    assert b"".join(bytes_after) == b"".join(bytes_before)
    paths = [path for group in after for path in group["paths"]]
    assert sorted(paths) == sorted(path.name for path in tmp_path.iterdir())
    count = len(sizes[-1]) + 1
    assert after[-1]["paths"] == [f"group{len(sizes)}-shard{i + 1}of{count}.bin" for i in range(count)]
    assert after[:-1] == before[:-1]


@pytest.mark.parametrize(
    "sizes", [((4,), (4,)), ((4,), (3,)), ((4,), (5,), (9,)), ((9,),), ((4, 4, 2),), ((5,), ()), ()]
)
def test_what_the_runtime_finds_stays_as_it_is(tmp_path: Path, sizes: tuple[tuple[int, ...], ...]) -> None:
    before = manifest(tmp_path, *sizes)
    assert with_last_shard_found(tmp_path, before) == before
