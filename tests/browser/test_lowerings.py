"""Every lowering in a real browser: what it makes of its examples runs on all four backends, to TensorFlow's numbers.

The examples are those of tests/tensorflow/lowerings: by default every fourth of the CORNERS, each backend others, and one
drawn from each strategy; with ``--all`` every corner and many drawn ones. Those of one backend share a page (many_graphs.py).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from conformance import Pages
from lowering_cases import drawn
from many_graphs import Ready, mistakes, ready

from tfjsci.dtypes import BACKENDS, GPU_BACKENDS, Backend

FOLDER = Path(__file__).parent.parent / "tensorflow" / "lowerings"
FILES = sorted(FOLDER.glob("test_*.py"))
FEW, MANY = 1, 30
"""Drawn examples of a lowering: by default, and with --all."""

SHARE = 4
"""By default a backend runs one corner in so many; the four together run all of them. One without any, or without a software
GPU that compiles each shader for seconds, runs a drawn one as well."""


def loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"lowering_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def examples_of(file: Path, count: int, backend: Backend) -> tuple[Ready, ...]:
    module = loaded(file)
    corners = getattr(module, "CORNERS", ())
    few = count == FEW
    if few:
        corners = corners[BACKENDS.index(backend) :: SHARE]
    every = [*corners, *(() if few and backend in GPU_BACKENDS and corners else drawn(module.EXAMPLES, count))]
    return tuple(ready(f"{file.stem.removeprefix('test_')} {i}", example) for i, example in enumerate(every))


class Outcomes:
    """What went wrong, by file: the examples of all files of this session are run at once on a backend, in shared pages."""

    def __init__(self, pages: Pages, files: Sequence[Path]) -> None:
        self._pages, self._files = pages, files
        self._found: dict[tuple[Backend, int], dict[Path, list[str]]] = {}

    def of(self, file: Path, backend: Backend, count: int) -> list[str]:
        if (backend, count) not in self._found:
            every = [(file, each) for file in self._files for each in examples_of(file, count, backend)]
            wrong = mistakes(self._pages, backend, [each for _, each in every])
            by_file: dict[Path, list[str]] = {}
            for of_file, each in every:
                by_file.setdefault(of_file, []).extend(wrong.get(id(each), ()))
            self._found[backend, count] = by_file
        return self._found[backend, count][file]


@pytest.fixture(scope="module")
def outcomes(pages: Pages, request: pytest.FixtureRequest) -> Outcomes:
    chosen = {item.callspec.params.get("file") for item in request.session.items if hasattr(item, "callspec")}
    return Outcomes(pages, [file for file in FILES if file in chosen])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem.removeprefix("test_"))
def test_it_runs_right(outcomes: Outcomes, file: Path, backend: Backend) -> None:
    assert outcomes.of(file, backend, FEW) == []


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem.removeprefix("test_"))
def test_it_runs_right_on_many_examples(outcomes: Outcomes, file: Path, backend: Backend) -> None:
    assert outcomes.of(file, backend, MANY) == []


def test_a_wrong_number_would_be_seen(pages: Pages) -> None:
    first = examples_of(FOLDER / "test_softsign.py", FEW, "cpu")[0]
    wrong = replace(first, wanted=tuple(w + 0.01 for w in first.wanted))
    assert len(mistakes(pages, "cpu", [wrong])) == 1
