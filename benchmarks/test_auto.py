"""What is claimed of ``quantize: auto``: its bytes against upstream's, and that it gives the same answer each time.

``--net NAME`` measures that net alone, and takes the others as they were measured last: all of them take longer than ten minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import geometric_mean
from typing import Any

import pytest

from benchmarks.quantized import ours
from benchmarks.quantized.places import QUANTIZED
from benchmarks.quantized.results import measured_last
from benchmarks.searched.measure import SEARCHES, SQNR_DB, measure, search
from benchmarks.searched.table import LIMIT, ratio
from benchmarks.searched.upstreams import runs
from benchmarks.trained.models import samples
from benchmarks.trained.nets import NETS
from tfjsci.browser.session import BrowserSession

Found = Mapping[str, Mapping[str, Mapping[str, Any]]]


@pytest.fixture(scope="module")
def found(nets_to_measure: Sequence[str]) -> Found:
    with BrowserSession(log_file=QUANTIZED / "searched.log") as session:
        now = {net: measure(session, net)["rows"] for net in nets_to_measure}
    return {net: now[net] if net in now else measured_last(net, "searched")["rows"] for net in NETS}


def test_bytes_are_at_most_three_quarters_of_upstreams_best(found: Found) -> None:
    """Of the artifacts that run; its codes in our graph are no artifact of its, but have to be beaten as well."""
    assert geometric_mean([ratio(rows, "auto") for rows in found.values() if runs(rows)]) <= LIMIT
    assert geometric_mean([ratio(rows, "auto") for rows in found.values()]) <= LIMIT


def test_every_model_meets_its_threshold_in_the_browser(found: Found) -> None:
    assert {net: rows["auto"]["sqnr_db"] for net, rows in found.items() if rows["auto"]["sqnr_db"] < SQNR_DB} == {}


def test_it_ends_after_its_evaluations(found: Found) -> None:
    most = SEARCHES["auto"].evaluations
    assert {net: row for net, rows in found.items() if (row := rows["auto"]["evaluations"]) > most} == {}


@pytest.mark.parametrize("net", list(NETS)[:2])
def test_the_answer_is_the_same_each_time(net: str) -> None:
    drawn, model = samples(net), ours.converted(net)
    first, second = (search(net, model, drawn, "auto", SEARCHES["auto"]) for _ in range(2))
    assert first.told() == second.told()
