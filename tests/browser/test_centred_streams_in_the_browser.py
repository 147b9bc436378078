"""Streams of channels that are centred in the weights, on all four backends, to TensorFlow's numbers before."""

from __future__ import annotations

from functools import cache

import pytest
from conformance import Pages
from many_graphs import Ready, mistakes, ready
from stream_draft import EXAMPLES

from tfjsci.dtypes import BACKENDS, Backend


@cache
def examples() -> tuple[Ready, ...]:
    return tuple(ready(name, example) for name, example in EXAMPLES.items())


@pytest.mark.parametrize("backend", BACKENDS)
def test_they_run_right(pages: Pages, backend: Backend) -> None:
    assert mistakes(pages, backend, examples()) == {}
