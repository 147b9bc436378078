"""A stranger's .tar.gz: what is in it comes out, and nothing of what it could do besides."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tfjsci.errors import CorruptModel
from tfjsci.load import archive as archive_module
from tfjsci.load.archive import unpack


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def pack(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return path


def refused(path: Path, said: str) -> None:
    folder = path.parent / "out"
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(CorruptModel, match=said) as error:
        unpack(path, folder, name="m.tar.gz")
    assert error.value.hint
    assert sorted(path.parent.rglob("*")) == before, "something is left"


def test_files_and_folders(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "a.tar.gz",
        member("./", type=tarfile.DIRTYPE),
        member("./saved_model.pb", b"graph", mode=0o4777),
        member("variables", type=tarfile.DIRTYPE),
        member("variables/variables.index", b"i" * 512),
        member("variables/variables.data-00000-of-00001", os.urandom(3 << 20)),
        member("empty", b""),
        member("deep/er/file..name", b"dots"),
    )
    unpack(path, tmp_path / "out", name="a")
    names = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert names == [
        "deep/er/file..name", "empty", "saved_model.pb", "variables/variables.data-00000-of-00001",
        "variables/variables.index",
    ]  # fmt: skip
    assert (tmp_path / "out" / "saved_model.pb").read_bytes() == b"graph"
    assert (tmp_path / "out" / "saved_model.pb").stat().st_mode & 0o7111 == 0, "modes of a stranger's aren't taken over"
    assert (tmp_path / "out" / "variables" / "variables.data-00000-of-00001").stat().st_size == 3 << 20


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil", "outside"),
        ("a/../../evil", "outside"),
        ("a/..", "outside"),
        ("/etc/evil", "outside"),
        ("..\\evil", "outside"),
    ],
)
def test_nothing_outside_of_the_folder(tmp_path: Path, name: str, said: str) -> None:
    refused(pack(tmp_path / "a.tar.gz", member("good", b"x"), member(name, b"evil")), said)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["/etc", "../..", "good"])
def test_no_links_wherever_they_lead(tmp_path: Path, kind: bytes, target: str) -> None:
    link = member("link", type=kind, linkname=target)
    refused(pack(tmp_path / "a.tar.gz", member("good", b"x"), link, member("link/evil", b"evil")), "is a link")


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_no_devices(tmp_path: Path, kind: bytes) -> None:
    refused(pack(tmp_path / "a.tar.gz", member("odd", type=kind)), "no plain file")


def test_one_name_twice(tmp_path: Path) -> None:
    refused(pack(tmp_path / "a.tar.gz", member("a", b"x"), member("a", b"y")), "exists")


def test_what_unpacks_to_far_more_than_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "BOMB_FLOOR_BYTES", 1 << 20)
    refused(pack(tmp_path / "bomb.tar.gz", member("zeros", bytes(8 << 20))), "unpacks to more than 1,048,576 bytes")
    unpack(pack(tmp_path / "a.tar.gz", member("noise", os.urandom(1 << 20))), tmp_path / "out", name="a")


def test_a_header_that_would_fill_memory(tmp_path: Path) -> None:
    def with_header(size: int) -> Path:
        path = tmp_path / f"{size}.tar.gz"
        with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
            info, data = member("a", b"x")
            info.pax_headers = {"comment": "c" * size}
            tar.addfile(info, io.BytesIO(data))
        return path

    refused(with_header(2 << 20), "a header of more than")
    unpack(with_header(1000), tmp_path / "out", name="a")


def test_more_members_than_any_model_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MOST_MEMBERS", 3)
    refused(pack(tmp_path / "many.tar.gz", *(member(str(i)) for i in range(4))), "more than 3 members")
    unpack(pack(tmp_path / "few.tar.gz", *(member(str(i)) for i in range(3))), tmp_path / "out", name="few")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-4],
        lambda data: data[:-8] + bytes(8),
        lambda data: b"<!doctype html>" + data,
        lambda data: gzip.compress(b"no tar at all"),
        lambda data: gzip.compress(gzip.decompress(data)[:3000]),
        lambda data: b"",
    ],
    ids=["half", "no end", "another checksum", "HTML", "no tar", "a cut tar", "nothing"],
)
def test_damaged(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    whole = pack(tmp_path / "a.tar.gz", member("a", os.urandom(5000)), member("b", b"more")).read_bytes()
    (tmp_path / "a.tar.gz").write_bytes(damage(whole))
    refused(tmp_path / "a.tar.gz", r"m\.tar\.gz can't be unpacked as a \.tar\.gz")
