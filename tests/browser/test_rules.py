"""Every rule in a real browser: what rewriting makes of its examples runs on all four backends, to TensorFlow's numbers before.

The examples are the ``EXAMPLES`` of tests/tensorflow/rules (rule_examples.py). The whole of rewriting is done, as a
conversion does it for all four; each example has one of its file's rules applied, and each rule of a file has an example.
By default the first example of each file runs on all four and the others on one each, in turns; with ``--all`` all on all.
Those of one backend share a page (many_graphs.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conformance import Pages
from lowering_cases import rewritten
from many_graphs import Ready, mistakes, ready
from rule_examples import FILES, FOLDER, examples_in, rule_of

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.rules import rules_of


@cache
def rewritten_examples(file: Path) -> tuple[tuple[Ready, Counter[str]], ...]:
    """Each example with what was applied to it."""
    found = []
    for example in examples_in(file).values():
        after = rewritten(example)
        found.append((ready(example.text, example, after.graph), after.counts))
    return tuple(found)


class Outcomes:
    """What went wrong, by file: the examples of all files of this session are run at once on a backend, in shared pages."""

    def __init__(self, pages: Pages, files: Sequence[Path]) -> None:
        self._pages, self._files = pages, files
        self._found: dict[tuple[Backend, bool], dict[int, list[str]]] = {}

    def of(self, file: Path, backend: Backend, *, every: bool) -> list[str]:
        own = rewritten_examples(file)
        if (backend, every) not in self._found:
            chosen = [
                each
                for other in self._files
                for i, (each, _) in enumerate(_if_they_can_be_made(other))
                if every or i == 0 or BACKENDS[i % len(BACKENDS)] == backend
            ]
            self._found[backend, every] = mistakes(self._pages, backend, chosen)
        wrong = self._found[backend, every]
        return [text for each, _ in own for text in wrong.get(id(each), ())]


def _if_they_can_be_made(file: Path) -> Sequence[tuple[Ready, Counter[str]]]:
    """None of a file whose examples raise something: its own tests tell what, the others go on."""
    try:
        return rewritten_examples(file)
    except (AssertionError, AttributeError, LookupError, NotComputable, RuntimeError, TypeError, ValueError):
        return ()


@pytest.fixture(scope="module")
def outcomes(pages: Pages, request: pytest.FixtureRequest) -> Outcomes:
    chosen = {item.callspec.params.get("file") for item in request.session.items if hasattr(item, "callspec")}
    return Outcomes(pages, [file for file in FILES if file in chosen])


@pytest.mark.parametrize("file", FILES, ids=rule_of)
def test_each_rule_of_a_file_is_applied_in_an_example(file: Path) -> None:
    names = {rule.name for rule in rules_of(rule_of(file))}
    seen: Counter[str] = Counter()
    for each, counts in rewritten_examples(file):
        assert names & set(counts), f"{each.name} shows none of {names}: {dict(counts)}"
        seen += counts
    assert names - set(seen) == set(), "without an example"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("file", FILES, ids=rule_of)
def test_it_runs_right(outcomes: Outcomes, file: Path, backend: Backend) -> None:
    assert outcomes.of(file, backend, every=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("file", FILES, ids=rule_of)
def test_every_example_runs_right(outcomes: Outcomes, file: Path, backend: Backend) -> None:
    assert outcomes.of(file, backend, every=True) == []


def test_a_wrong_number_would_be_seen(pages: Pages) -> None:
    first, _ = rewritten_examples(FOLDER / "test_fuse_bias.py")[0]
    wrong = replace(first, wanted=tuple(w + 0.01 for w in first.wanted))
    assert len(mistakes(pages, "cpu", [wrong])) == 1
