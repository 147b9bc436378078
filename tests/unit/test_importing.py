from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from tfjsci.importing import FolderModules, importing_from


def test_two_folders_modules_of_one_name_are_two(tmp_path: Path) -> None:
    found = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "theirs_of_one_name.py").write_text(f"HERE = {folder!r}\n")
        with importing_from(tmp_path / folder):
            found.append(importlib.import_module("theirs_of_one_name").HERE)
    assert found == ["a", "b"]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["theirs_of_one_name.py"] * 2


def test_all_is_as_it_was_whatever_the_module_does(tmp_path: Path) -> None:
    (tmp_path / "theirs_that_fails.py").write_text("import sys\nsys.path.insert(0, '/nowhere')\nraise OSError('no')\n")
    before = list(sys.path), sys.dont_write_bytecode
    with pytest.raises(OSError, match="no"), importing_from(tmp_path):
        importlib.import_module("theirs_that_fails")
    assert (sys.path, sys.dont_write_bytecode) == before
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("theirs_that_fails")


def test_what_is_installed_comes_first_and_stays(tmp_path: Path) -> None:
    (tmp_path / "colorsys.py").write_text("HERE = True\n")
    with importing_from(tmp_path):
        assert not hasattr(importlib.import_module("colorsys"), "HERE")
    assert "colorsys" in sys.modules


def test_opened_again_a_folder_has_the_same_modules_and_more(tmp_path: Path) -> None:
    (tmp_path / "theirs_first.py").write_text("def late():\n    import theirs_later\n    return theirs_later.HERE\n")
    (tmp_path / "theirs_later.py").write_text("HERE = 'later'\n")
    modules = FolderModules(tmp_path)
    with modules.importable():
        first = importlib.import_module("theirs_first")
    with pytest.raises(ModuleNotFoundError, match="theirs_later"):
        first.late()
    before = list(sys.path)
    with modules.importable():
        assert first.late() == "later"
        assert importlib.import_module("theirs_first") is first
    assert sys.path == before
    assert {"theirs_first", "theirs_later"}.isdisjoint(sys.modules)
