"""Random graphs of layers (tests/random_graphs.py) rewritten: the numbers stay, whatever stands beside what.

By the whole of rewriting, as a run does it and verifies it; by each stage, one after another and each by itself, and by the rules
of each file alone: in float64, where float noise is far below any slip.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from keeps_numbers import PLAIN, assert_exact, assert_verified
from lowering_cases import drawn
from random_graphs import Example, graphs, in_float64

from tfjsci.rewrite.pipeline import rewrite_with

FEW, MANY = 60, 3000
"""Graphs of a property: by default, and with --all."""

some = partial(settings, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(graphs())
@some(max_examples=FEW)
def test_rewriting_keeps_the_numbers(example: Example) -> None:
    assert_verified(example)


@given(graphs())
@some(max_examples=FEW)
def test_every_stage_keeps_them(example: Example) -> None:
    assert_exact(example)


@pytest.mark.slow
@given(graphs())
@some(max_examples=MANY)
def test_rewriting_keeps_the_numbers_of_many(example: Example) -> None:
    assert_verified(example)


@pytest.mark.slow
@given(graphs())
@some(max_examples=MANY)
def test_every_stage_keeps_those_of_many(example: Example) -> None:
    assert_exact(example)


def test_the_graphs_have_something_to_rewrite() -> None:
    """And nearly every one can be held against its original in float64."""
    examples = drawn(graphs(), FEW)
    applied: Counter[str] = Counter()
    for example in examples:
        applied.update(set(rewrite_with(example.graph, PLAIN).applied))
    assert len(applied) >= 15, applied
    assert sum(in_float64(example) is not None for example in examples) > 0.6 * FEW
