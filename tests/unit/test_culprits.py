"""When a pair of a run is looked into: it misses a limit, its variant wasn't looked into yet, and there is time left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from graph_draft import Draft
from unit.report import fixtures

from tfjsci.compare.comparison import Comparison
from tfjsci.culprits import SECONDS, Culprits
from tfjsci.localize.localization import Localization

DONE = Localization(
    variant="uint8", backend="wasm", reference="float on wasm", candidate="uint8 on wasm", found="nothing", reason="",
    limit_db=20.0,
)  # fmt: skip


class AskedError(Exception):
    """The browser was asked for: a search began."""


def looked_into(comparison: Comparison, **state: Any) -> bool:
    def session() -> Any:
        raise AskedError

    draft = Draft()
    culprits = Culprits(
        spec=fixtures.model_spec(),
        graph=draft.graph(draft.input("x")),
        inputs=(),
        samples=({},),
        random_inputs=True,
        **state,
    )
    place = Path("there")
    try:
        found = culprits.look(comparison, place, place, wanted=[{}], have=[{}], session=session)
    except AskedError:
        return True
    assert found is None
    return False


def of(variant: str, sqnr_db: float) -> Comparison:
    return fixtures.comparison(variant, "wasm", fixtures.output(sqnr_db))


def test_a_pair_that_keeps_its_limits_is_left_alone() -> None:
    assert not looked_into(of("float", 90.0))
    assert not looked_into(of("float", 70.0))  # warns
    assert looked_into(of("float", 20.0))
    assert looked_into(of("uint8", 5.0))
    assert not looked_into(of("uint8", 30.0))


def test_a_variant_is_looked_into_once_and_a_conversion_on_each_backend() -> None:
    assert not looked_into(of("uint8", 5.0), found=[DONE])
    assert looked_into(of("float", 20.0), found=[replace(DONE, variant="float")])


def test_no_search_is_begun_when_the_time_is_spent() -> None:
    assert looked_into(of("float", 20.0), spent_seconds=SECONDS - 1)
    assert not looked_into(of("float", 20.0), spent_seconds=SECONDS)


def test_backends_against_one_another_are_not_looked_into() -> None:
    assert not looked_into(replace(of("float", 1.0), kind="backends", against="cpu"))
