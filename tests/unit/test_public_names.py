"""What ``tfjsci`` hands out from Python: one list, of functions that are looked up when they are asked for."""

from __future__ import annotations

from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from unit.report import fixtures

import tfjsci
from tfjsci import api
from tfjsci.errors import UsageError
from tfjsci.results.store import write_results


def test_the_list_has_every_function_of_the_api_and_nothing_else() -> None:
    functions = {name for name, value in vars(api).items() if isinstance(value, FunctionType)}
    assert functions == set(tfjsci.__all__) - {"__version__"}
    assert all(getattr(tfjsci, name) is getattr(api, name) for name in functions)


def test_all_of_it_comes_with_a_star() -> None:
    found: dict[str, Any] = {}
    exec("from tfjsci import *", found)
    assert set(tfjsci.__all__) == found.keys() - {"__builtins__"}


def test_a_name_that_is_not_listed_is_not_there() -> None:
    assert hasattr(api, "files")
    with pytest.raises(AttributeError, match="module 'tfjsci' has no attribute 'files'"):
        _ = tfjsci.files


def test_files_are_named_by_a_text_or_a_path(tmp_path: Path) -> None:
    (tmp_path / "tfjsci.yml").write_text("version: 1\nmodels: [{name: m, source: m.keras}]\n", "utf-8")
    write_results(fixtures.run_result(), tmp_path / "results.json")
    for name in (str, Path):
        assert [model.name for model in tfjsci.load_manifest(name(tmp_path / "tfjsci.yml")).models] == ["m"]
        assert tfjsci.load_results(name(tmp_path / "results.json")).outcome == "pass"
    with pytest.raises(UsageError, match="no such file"):
        tfjsci.load_results("gone/results.json")
