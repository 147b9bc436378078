"""Upstream's schemes of a trained model: its artifacts in the browser, or, where none of them runs, its codes in our graph.

Upstream's converter leaves some graphs as the runtime can't run them (a transformer's, a loop's). How large its weights would be,
and how exact, can be told all the same: ``exact_upstream`` gives the bytes that it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjsci.artifact.quantize import Quantization
from tfjsci.browser.protocol import Session
from tfjsci.converter import Converted, write_variant
from tfjsci.dtypes import SchemeName
from tfjsci.quantize.scheme import Scheme

from ..quantized import upstream
from ..quantized.measured import Figures, in_browser, in_browser_if_it_runs
from ..quantized.places import artifact_of
from ..quantized.variants import UPSTREAM
from ..trained.models import Samples
from ..trained.nets import NETS

THEIRS, THEIR_CODES = "upstream, ", "upstream's codes, "
"""What the names of the rows begin with."""

_SCHEMES: dict[str, SchemeName] = {"uint8": "uint8", "uint16": "uint16", "float16": "float16"}


def measure_upstreams(session: Session, net: str, model: Converted, drawn: Samples) -> dict[str, Figures]:
    """The figures of each dtype. An artifact that doesn't run has a ``failure``."""
    upstream.convert(net)
    rows = {
        f"{THEIRS}{dtype}": in_browser_if_it_runs(session, artifact_of(net, "upstream", dtype), NETS[net], drawn)
        for dtype in UPSTREAM
    }
    if runs(rows):
        return rows
    for dtype in UPSTREAM:
        artifact = artifact_of(net, "ours", f"{THEIR_CODES}{dtype}")
        scheme = Scheme(name=_SCHEMES[dtype], exact_upstream=True)
        write_variant(
            model, artifact, quantization=Quantization(scheme=scheme, include=("*",))
        )  # it takes vectors, too
        rows[f"{THEIR_CODES}{dtype}"] = in_browser(session, artifact, NETS[net], drawn)
    return rows


def runs(rows: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether any artifact of upstream's does."""
    return any(name.startswith(THEIRS) and "failure" not in row for name, row in rows.items())


def best_of_upstream(rows: Mapping[str, Mapping[str, Any]], at_least_db: float) -> str:
    """The row of the fewest bytes that has so many dB; of its codes in our graph where none of its artifacts runs.

    Raises ``ValueError`` when none does.
    """
    meets = {
        name: row["brotli_bytes"]
        for name, row in rows.items()
        if name.startswith((THEIRS, THEIR_CODES))
        and "failure" not in row
        and (row["sqnr_db"] is None or row["sqnr_db"] >= at_least_db)
    }
    return min(meets, key=lambda name: meets[name])
