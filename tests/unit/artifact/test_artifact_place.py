"""A folder with anything of the user's in it is never replaced by an artifact."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.artifact.place import remove_others, require_replaceable
from tfjsci.errors import OutputUnwritable, UsageError


def test_nothing_an_empty_folder_and_an_artifact_may_be_replaced(tmp_path: Path) -> None:
    require_replaceable(tmp_path / "no" / "such")
    require_replaceable(tmp_path)
    for name in ("model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"):
        (tmp_path / name).touch()
    require_replaceable(tmp_path)


@pytest.mark.parametrize(
    "name", ["thesis.txt", ".git", "model.json.bak", "group1-shard1of2.bin.txt", "saved_model.pb", "Model.json"]
)
def test_anything_else_is_named_and_kept(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.json").touch()
    (tmp_path / name).touch()
    with pytest.raises(UsageError, match=r"holds .*replaced as a whole") as refused:
        require_replaceable(tmp_path)
    assert name in refused.value.message
    assert (tmp_path / name).exists()


def test_many_other_files_are_counted(tmp_path: Path) -> None:
    for i in range(20):
        (tmp_path / f"{i:02}").touch()
    with pytest.raises(UsageError, match="holds 00, 01, 02 and 17 more"):
        require_replaceable(tmp_path)


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputUnwritable, match="Not a directory"):
            require_replaceable(place)


def artifact(folder: Path, *more: str) -> None:
    folder.mkdir(parents=True)
    for name in ("model.json", "group1-shard1of1.bin", *more):
        (folder / name).touch()


def test_artifacts_that_nobody_keeps_go_and_nothing_else_does(tmp_path: Path) -> None:
    artifact(tmp_path / "models" / "kept")
    artifact(tmp_path / "models" / "older")
    artifact(tmp_path / "models" / "mine", "notes.txt")
    artifact(tmp_path / "elsewhere")
    (tmp_path / "models" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "models" / "empty").mkdir()
    (tmp_path / "models" / "model.json").touch()
    remove_others(tmp_path / "models", keep={"kept", "never there"})
    names = sorted(path.name for path in (tmp_path / "models").iterdir())
    assert names == ["empty", "kept", "link", "mine", "model.json"]
    assert len(list((tmp_path / "elsewhere").iterdir())) == 2
    remove_others(tmp_path / "never there", keep=())
