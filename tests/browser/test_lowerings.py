"""Every lowering in a real browser: what it makes of its examples runs on all four backends, to TensorFlow's numbers.

The examples are those of tests/tensorflow/lowerings: by default every fourth of the CORNERS, each backend others, and one
drawn from each strategy; with ``--all`` every corner and many drawn ones. Those of one backend share a page. Sizes known
beforehand: GPU kernels even for small tensors; sizes of the run: as a page has it, where small integers stay on the CPU (a
kernel's parameters are read back, which webgpu can't do from the GPU).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from conformance import Pages
from lowering_cases import Example, as_constants, difference, drawn, rewritten
from op_cases import OpCase

from tfjsci.dtypes import BACKENDS, GPU_BACKENDS, RUNTIME_DTYPE, Backend
from tfjsci.graph.graph import Array, ShapeAttr, dtype_name

FOLDER = Path(__file__).parent.parent / "tensorflow" / "lowerings"
FILES = sorted(FOLDER.glob("test_*.py"))
FEW, MANY = 1, 30
"""Drawn examples of a lowering: by default, and with --all."""

SHARE = 4
"""By default a backend runs one corner in so many; the four together run all of them."""

AT_ONCE = 150
"""Cases of one page: a page that keeps every shader ever compiled grows slow."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """One example, lowered."""

    name: str
    example: Example
    case: OpCase
    wanted: tuple[Array, ...]

    @property
    def dynamic(self) -> bool:
        """Whether a size is known to the run alone."""
        shapes = (node.attrs.get("shape") for node in self.example.graph if node.op == "Placeholder")
        return any(not isinstance(s, ShapeAttr) or s.shape is None or None in s.shape for s in shapes)


def loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"lowering_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ready(name: str, example: Example) -> Ready:
    graph = as_constants(rewritten(example).graph, example.inputs)
    return Ready(name=name, example=example, case=OpCase(name=name, graph=graph), wanted=tuple(example.reference()))


@cache
def examples_of(file: Path, count: int, backend: Backend) -> tuple[Ready, ...]:
    module = loaded(file)
    corners = getattr(module, "CORNERS", ())
    if count == FEW:
        corners = corners[BACKENDS.index(backend) :: SHARE]
    every = [*corners, *drawn(module.EXAMPLES, count)]
    return tuple(ready(f"{file.stem.removeprefix('test_')} {i}", example) for i, example in enumerate(every))


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    opened = Pages()
    yield opened
    opened.close()


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


def mistakes(pages: Pages, backend: Backend, chosen: Sequence[Ready]) -> dict[int, list[str]]:
    """What went wrong, by the example's id."""
    found: dict[int, list[str]] = {}
    for forward in (False, True):
        part = [each for each in chosen if each.dynamic == forward and backend in each.example.backends]
        for start in range(0, len(part), AT_ONCE):
            group = part[start : start + AT_ONCE]
            results = pages.run(backend, [each.case for each in group], forward=forward)["results"]
            for each, result in zip(group, results, strict=True):
                problem = result["threw"] if "threw" in result else _difference(each, result["outputs"], backend)
                if problem:
                    found[id(each)] = [f"{each.name} on {backend}: {problem}\n    {each.example}"]
    return found


def _difference(each: Ready, outputs: Sequence[dict[str, object]], backend: Backend) -> str | None:
    tolerance = each.example.gpu_tolerance if backend in GPU_BACKENDS else each.example.tolerance
    texts = []
    for i, (got, want) in enumerate(zip(outputs, each.wanted, strict=True)):
        dtype = RUNTIME_DTYPE[dtype_name(want)]
        if got["dtype"] != dtype:
            texts.append(f"output {i}: dtype {got['dtype']}, not {dtype}")
            continue
        values = got["values"]
        assert isinstance(values, list)
        flat = np.array([float(value) for value in values])
        if dtype == "complex64":
            flat = flat[::2] + 1j * flat[1::2]
        exact = want if want.dtype.kind in "fc" else want.astype(np.int64)
        shaped = flat.reshape(got["shape"]) if exact.dtype.kind in "fc" else flat.reshape(got["shape"]).astype(np.int64)  # type: ignore[call-overload]
        if text := difference(shaped, exact, tolerance, each.example.scale):
            texts.append(f"output {i}: {text}")
    return "; ".join(texts) or None


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
    wrong = Ready(name="wrong", example=first.example, case=first.case, wanted=tuple(w + 0.01 for w in first.wanted))
    assert len(mistakes(pages, "cpu", [wrong])) == 1
