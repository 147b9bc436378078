"""What is claimed of ``quantize: auto``: its bytes against upstream's, and that it gives the same answer each time."""

from __future__ import annotations

from statistics import geometric_mean

import pytest

from benchmarks.quantized import ours
from benchmarks.quantized.places import QUANTIZED
from benchmarks.searched.measure import SEARCHES, SQNR_DB, measure, search
from benchmarks.searched.table import LIMIT, ratio
from benchmarks.trained.models import samples
from benchmarks.trained.nets import NETS
from tfjsci.browser.session import BrowserSession


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, dict[str, float]]]:
    with BrowserSession(log_file=QUANTIZED / "searched.log") as session:
        return {net: measure(session, net)["rows"] for net in NETS}


def test_bytes_are_at_most_three_quarters_of_upstreams_best(found: dict[str, dict[str, dict[str, float]]]) -> None:
    assert geometric_mean([ratio(rows, "auto") for rows in found.values()]) <= LIMIT


def test_every_model_meets_its_threshold_in_the_browser(found: dict[str, dict[str, dict[str, float]]]) -> None:
    assert {net: rows["auto"]["sqnr_db"] for net, rows in found.items() if rows["auto"]["sqnr_db"] < SQNR_DB} == {}


def test_it_ends_after_its_evaluations(found: dict[str, dict[str, dict[str, float]]]) -> None:
    most = SEARCHES["auto"].evaluations
    assert {net: row for net, rows in found.items() if (row := rows["auto"]["evaluations"]) > most} == {}


@pytest.mark.parametrize("net", list(NETS)[:2])
def test_the_answer_is_the_same_each_time(net: str) -> None:
    drawn, model = samples(net), ours.converted(net)
    first, second = (search(net, model, drawn, "auto", SEARCHES["auto"]) for _ in range(2))
    assert first.told() == second.told()
