"""Which format a source is: by content where it can be, and a reason where it is none."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tfjsci.errors import CorruptModel, MissingModel, TfjsciError, UnknownFormat
from tfjsci.load.load import detect

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


def test_by_content_whatever_the_name(tmp_path: Path) -> None:
    for name in ("a.keras", "a.h5", "a.bin", "a"):
        (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        assert detect(tmp_path / name) == "h5"
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("config.json", "{}")
        assert detect(tmp_path / name) == "keras"


def test_by_name_when_the_content_tells_nothing(tmp_path: Path) -> None:
    for name, kind in (("a.keras", "keras"), ("a.h5", "h5"), ("a.hdf5", "h5")):
        (tmp_path / name).write_bytes(b"cut")
        assert detect(tmp_path / name) == kind
    (tmp_path / "a.onnx").write_bytes(b"cut")
    with pytest.raises(UnknownFormat, match=r"a\.onnx is of no format") as refused:
        detect(tmp_path / "a.onnx")
    assert ".keras" in str(refused.value.hint)


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(UnknownFormat, match=r"no saved_model\.pb"):
        detect(tmp_path / "m.keras")
    (tmp_path / "m.keras" / "saved_model.pb").write_bytes(b"")
    assert detect(tmp_path / "m.keras") == "saved_model"


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m", "m.pb"])
def test_a_git_lfs_pointer_is_called_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(LFS)
    with pytest.raises(CorruptModel, match="Git LFS pointer") as refused:
        detect(tmp_path / name)
    assert "git lfs pull" in str(refused.value.hint)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"")
    with pytest.raises(UnknownFormat):
        detect(tmp_path / "m")


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "file").write_bytes(b"")
    for path in ("no", "dangling", "a", "file/inside", "x" * 300, "nul\0byte"):
        with pytest.raises(MissingModel) as refused:
            detect(tmp_path / path)
        assert refused.value.hint


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.keras")
    with pytest.raises(UnknownFormat, match="neither a file nor a folder"):
        detect(tmp_path / "m.keras")
    with pytest.raises(UnknownFormat):
        detect(Path("/dev/zero"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "m.keras").symlink_to("/proc/self/mem")  # opens, and gives an input/output error at once
    with pytest.raises(CorruptModel, match=r"m\.keras can't be read: .*error"):
        detect(tmp_path / "m.keras")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.keras").write_bytes(b"")

    def denied(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # chmod doesn't stop root, who runs this in containers
    with pytest.raises(TfjsciError, match="Permission denied"):
        detect(tmp_path / "m.keras")
