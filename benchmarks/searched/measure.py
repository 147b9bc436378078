"""A trained model searched, written, and held against the original in the browser; upstream's schemes beside it.

The samples that are searched with are those that all are measured on: a page's own, as a manifest's ``inputs`` are. What was kept
for calibration tells how near the variant comes on samples that the search hasn't seen.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from tfjsci.browser.protocol import Session
from tfjsci.compare.metrics import difference
from tfjsci.converter import Converted, write_variant
from tfjsci.manifest.resolved import FLOAT, AutoSpec
from tfjsci.search.auto import MOST_STEPS_BACK, Auto, begin
from tfjsci.search.goal import Goal

from ..quantized import ours
from ..quantized.measured import BACKEND, DEADLINE_SECONDS, brotli_bytes, in_browser
from ..quantized.places import artifact_of
from ..quantized.results import Results, kept
from ..trained.models import Samples, samples
from ..trained.nets import NETS
from .upstreams import measure_upstreams

SQNR_DB = 25.0
CURVE_DB = (15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
SEARCHES = {"auto": AutoSpec(), "auto, allow_initializer": AutoSpec(allow_initializer=True)}


def measure(session: Session, net: str) -> Results:
    """``rows``: figures of each search and of upstream's schemes; ``entries``: what each search chose."""

    def run() -> Results:
        drawn, model = samples(net), ours.converted(net)
        write_variant(model, artifact_of(net, "ours", FLOAT))
        rows: dict[str, dict[str, Any]] = {
            "float": in_browser(session, artifact_of(net, "ours", FLOAT), NETS[net], drawn)
        }
        entries: dict[str, str] = {}
        for name, wanted in SEARCHES.items():
            rows[name], entries[name] = _searched(session, net, model, drawn, name, wanted)
        rows |= measure_upstreams(session, net, model, drawn)
        return {"rows": rows, "entries": entries, "curve": _curve(net, model, drawn)}

    return kept(net, "searched", run)


def search(net: str, model: Converted, drawn: Samples, name: str, wanted: AutoSpec) -> Auto:
    """What the search finds in TensorFlow, always the same."""
    return _measured(net, model, drawn, name, wanted).choose()


def _curve(net: str, model: Converted, drawn: Samples) -> list[tuple[int, float]]:
    """Bytes, and the SQNR in TensorFlow, of what is found for each of ``CURVE_DB``; the weights are run alone once."""
    auto = _measured(net, model, drawn, "curve", SEARCHES["auto"])
    points = []
    for decibel in CURVE_DB:
        goal = Goal(limits={"sqnr_db": decibel})
        found = replace(auto, search=replace(auto.search, goal=goal, tried={}, evaluations=0)).choose()
        artifact = artifact_of(net, "ours", f"auto at {decibel:g} dB")
        write_variant(model, artifact, quantization=found.quantizations)
        told = found.told()
        points.append((brotli_bytes(artifact), float(told.points[told.chosen].value or 0.0)))
    return points


def _measured(net: str, model: Converted, drawn: Samples, name: str, wanted: AutoSpec) -> Auto:
    auto = begin(
        model,
        [{drawn.input_name: drawn.held}],
        variant=name,
        wanted=wanted,
        include=(),
        exclude=(),
        goal=Goal(limits={"sqnr_db": SQNR_DB}),
        topk=False,
        float_bytes=brotli_bytes(artifact_of(net, "ours", FLOAT)),
    )
    auto.measure()
    return auto


def _searched(
    session: Session, net: str, model: Converted, drawn: Samples, name: str, wanted: AutoSpec
) -> tuple[dict[str, Any], str]:
    start = time.monotonic()
    auto = search(net, model, drawn, name, wanted)
    artifact = artifact_of(net, "ours", name)
    while True:
        write_variant(model, artifact, quantization=auto.quantizations)
        figures = in_browser(session, artifact, NETS[net], drawn)
        if figures["sqnr_db"] is None or figures["sqnr_db"] >= SQNR_DB or auto.steps_back == MOST_STEPS_BACK:
            break
        auto = auto.step_back()
    found = auto.told()
    return {
        **figures,
        "seconds": time.monotonic() - start,
        "evaluations": found.evaluations,
        "steps_back": found.steps_back,
        "predicted_bytes": found.points[found.chosen].brotli_bytes,
        "unseen_sqnr_db": _unseen(session, net, drawn, name),
    }, found.entry


def _unseen(session: Session, net: str, drawn: Samples, name: str) -> float | None:
    """Against the float artifact, on the samples kept for calibration."""
    whole, small = (
        session.predict(
            artifact_of(net, "ours", variant),
            BACKEND,
            [{drawn.input_name: drawn.calibration}],
            deadline_seconds=DEADLINE_SECONDS,
        )[0].outputs
        for variant in (FLOAT, name)
    )
    found = difference([*whole.values()], [*small.values()])
    assert found is not None
    return found.sqnr_db
