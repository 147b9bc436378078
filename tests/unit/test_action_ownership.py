"""Who owns what was written as root: only ours, only inside, through no link."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tfjsci.action import ownership
from tfjsci.action.ownership import hand_over, missing_folders

RUNNER = 1001


def folder_of(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


class Disk:
    """``os`` with an owner of each path, as root would see it: the tests don't run as root everywhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owners: dict[str, int]) -> None:
        self.given: list[str] = []
        real_stat, real_fstat, real_path_stat = os.stat, os.fstat, Path.stat

        def owned(found: os.stat_result, path: str) -> Any:
            uid = owners.get(Path(path).name, 0)
            return os.stat_result((*found[:4], uid, uid, *found[6:10]), {"st_ctime_ns": found.st_ctime_ns})

        def stat(path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> Any:
            return owned(real_stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks), str(path))

        def chown(path: Any, uid: int, gid: int, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> None:
            assert (uid, gid, follow_symlinks) == (RUNNER, RUNNER, False)
            folder = folder_of(dir_fd) if dir_fd is not None else Path()
            self.given.append(os.path.normpath(folder / path))

        monkeypatch.setattr(ownership.os, "geteuid", lambda: 0)
        monkeypatch.setattr(ownership.os, "chown", chown)
        monkeypatch.setattr(ownership.os, "stat", stat)
        monkeypatch.setattr(ownership.os, "fstat", lambda fd: owned(real_fstat(fd), str(folder_of(fd))))
        monkeypatch.setattr(Path, "stat", lambda self, **more: owned(real_path_stat(self, **more), str(self)))

    def names(self, root: Path) -> set[str]:
        return {os.path.relpath(path, root) for path in self.given}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "out/models/a").mkdir(parents=True)
    (folder / "out/results.json").write_text("{}")
    (folder / "out/models/a/model.json").write_text("{}")
    (folder / "tfjsci.yml").write_text("")
    return folder


def test_what_was_written_goes_to_the_workspaces_owner(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, {"workspace": RUNNER})
    assert hand_over(workspace / "out", [workspace / "out"], workspace, since_ns=0) == []
    assert disk.names(workspace) == {
        "out",
        "out/results.json",
        "out/models",
        "out/models/a",
        "out/models/a/model.json",
    }


def test_what_belongs_to_others_or_was_there_before_is_left(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, {"workspace": RUNNER, "results.json": 33})
    hand_over(workspace / "out", [], workspace, since_ns=0)
    assert "out/results.json" not in disk.names(workspace)
    disk.given.clear()
    hand_over(workspace / "out", [], workspace, since_ns=time.time_ns() + 60_000_000_000)
    assert disk.given == []


def test_no_link_is_followed(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("")
    (workspace / "out/models/link").symlink_to(outside)
    disk = Disk(monkeypatch, {"workspace": RUNNER})
    hand_over(workspace / "out", [], workspace, since_ns=0)
    assert "out/models/link" in disk.names(workspace)  # the link itself is ours
    assert not any("outside" in path for path in disk.given)


def test_an_output_folder_that_leads_outside_is_left(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("")
    (workspace / "elsewhere").symlink_to(outside)
    disk = Disk(monkeypatch, {"workspace": RUNNER})
    hand_over(workspace / "elsewhere", [], workspace, since_ns=0)
    hand_over(outside, [outside], workspace, since_ns=0)
    assert disk.given == []


@pytest.mark.parametrize("owner", [0])
def test_roots_own_workspace_stays(workspace: Path, monkeypatch: pytest.MonkeyPatch, owner: int) -> None:
    disk = Disk(monkeypatch, {"workspace": owner})
    hand_over(workspace / "out", [], workspace, since_ns=0)
    assert disk.given == []


def test_another_user_than_root_gives_nothing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, {"workspace": RUNNER})
    monkeypatch.setattr(ownership.os, "geteuid", lambda: RUNNER)
    hand_over(workspace / "out", [], workspace, since_ns=0)
    assert disk.given == []


def test_the_folders_that_will_have_to_be_made(tmp_path: Path) -> None:
    assert missing_folders(tmp_path / "a/b") == [tmp_path / "a", tmp_path / "a/b"]
    (tmp_path / "a").mkdir()
    assert missing_folders(tmp_path / "a/b") == [tmp_path / "a/b"]
    assert missing_folders(tmp_path) == []
