"""Cost before faith: each rule that isn't always a gain, on a small model, with it and without it.

A model is a few lines in a file of ``rule_models/`` (any name; all are taken): a graph drawn with the tests' draft,

    def scaled(draft: Draft) -> str:
        y = draft.conv("y", draft.input("x", (1, 32, 32, 16)), draft.const("w", weights(3, 3, 16, 16)))
        return draft.typed("Mul", "z", y, draft.const("c", weights(16)))

    CASES = (Case(name="a scaled convolution", rules=("fold_scale",), draw=scaled),)

or a Keras model: ``build=norm`` with ``def norm(keras)`` that returns one (``keras.Input(shape, batch_size=1)``, so that no
size is left open). ``rules`` are left out together on the other side. By default they must pay on wasm and webgl;
``pays_on=("wasm",), harmless_on=("webgl",)`` claims less; a rule that does neither isn't applied there. ``repeated`` chains
a block, since one alone is lost in what a run costs anyway. Then:

    .venv/bin/python -m pytest benchmarks/test_rule_costs.py -s -k "scaled"

and its rows go into the table of ``benchmarks/README.md``. Kernels, not nodes, cost: a Reshape is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rule_costs import HEADER, NO_SLOWER, Case, Cost, Side, race, sides

from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import Backend

CASES: list[Case] = [
    case
    for file in sorted((Path(__file__).parent / "rule_models").glob("[!_]*.py"))
    for case in import_module(f"rule_models.{file.stem}").CASES
]
RACES = [pytest.param(case, backend, id=f"{case.name}-{backend}") for case in CASES for backend in case.backends]


@pytest.fixture(scope="module")
def session() -> Iterator[BrowserSession]:
    with BrowserSession() as opened:
        yield opened


@pytest.fixture(scope="module")
def table() -> Iterator[list[Cost]]:
    """What was measured, printed at the end."""
    measured: list[Cost] = []
    yield measured
    print("\n".join([HEADER, *(cost.row for cost in measured)]))


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[Side, Side]]:
    """The artifacts by their case's name: the backends share them."""
    return {}


@pytest.mark.parametrize(("case", "backend"), RACES)
def test_pays(
    benchmark: BenchmarkFixture,
    case: Case,
    backend: Backend,
    session: BrowserSession,
    table: list[Cost],
    made: dict[str, tuple[Side, Side]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if case.name not in made:
        made[case.name] = sides(case, tmp_path_factory.mktemp("sides"))
    ours, without = made[case.name]
    assert [rule for rule in case.rules if not ours.applied.get(rule)] == [], "doesn't apply to its model"
    assert [rule for rule in case.rules if without.applied.get(rule)] == []
    cost = benchmark.pedantic(lambda: race(case, backend, (ours, without), session), rounds=1, iterations=1)
    table.append(cost)
    benchmark.extra_info.update(
        ratio=cost.ratio.ratio, low=cost.ratio.low, high=cost.ratio.high, nodes=cost.nodes, renderer=cost.renderer
    )
    print(f"\n{cost.row}")
    assert cost.ratio.high <= (1.0 if backend in case.pays_on else NO_SLOWER)


def test_no_two_models_have_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
