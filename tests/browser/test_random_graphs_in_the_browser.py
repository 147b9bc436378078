"""Random graphs of layers (tests/random_graphs.py), rewritten, on all four backends: TensorFlow's numbers of the graph before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from conformance import Pages
from lowering_cases import drawn
from many_graphs import Ready, mistakes, ready
from random_graphs import graphs, well_conditioned

from tfjsci.dtypes import BACKENDS, Backend

FEW, MANY = 24, 400
"""Graphs of a backend: by default, and with --all."""


@cache
def chosen(count: int) -> tuple[Ready, ...]:
    """Those whose numbers don't hang on the order of a sum."""
    examples = [example for example in drawn(graphs(), count) if well_conditioned(example)]
    assert len(examples) > count / 2
    return tuple(ready(f"graph {i}", example) for i, example in enumerate(examples))


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    opened = Pages()
    yield opened
    opened.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_they_run_right(pages: Pages, backend: Backend) -> None:
    assert list(mistakes(pages, backend, chosen(FEW)).values()) == []


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_many_run_right(pages: Pages, backend: Backend) -> None:
    assert list(mistakes(pages, backend, chosen(MANY)).values()) == []
