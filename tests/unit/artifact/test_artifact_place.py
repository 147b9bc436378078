"""A folder with anything of the user's in it is never replaced by an artifact."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.artifact.place import require_replaceable
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
