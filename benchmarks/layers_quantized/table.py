"""The table of ``benchmarks/README.md``, made of the results, between markers. Nothing in there is written by hand."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

from ..quantized.results import last
from ..tables import put_between, table
from .measure import LAYERED, VARIANTS

BEGIN, END = (
    "<!-- layers quantized: begin (python -m benchmarks.layers_quantized) -->",
    "<!-- layers quantized: end -->",
)


def write_table(readme: Path) -> None:
    """Put it between the markers, of the nets that were measured. Raises ``ValueError`` when there are none."""
    put_between(BEGIN, END, _table(), readme)


def _table() -> str:
    found: dict[str, Any] = {net: kept for net in LAYERED if (kept := last(net, "layers"))}
    lines = [["seeds", *(str(len(kept["seeds"])) for kept in found.values()), "", ""]]
    for variant in VARIANTS:
        rows = [kept["rows"][variant] for kept in found.values()]
        decibel = [[each["sqnr_db"] for each in of_net] for of_net in rows]
        kilobytes = mean(mean(each["brotli_bytes"] / 1000 for each in of_net) for of_net in rows)
        lines.append([variant, *map(_shown, decibel), _shown([_mean(each) for each in decibel]), f"{kilobytes:.1f}"])
    return table(["", *found, "mean, dB", "mean brotli, kB"], lines)


def _mean(decibel: list[float | None]) -> float | None:
    known = [each for each in decibel if each is not None]
    return mean(known) if len(known) == len(decibel) else None


def _shown(decibel: list[float | None]) -> str:
    found = _mean(decibel)
    return "exact" if found is None else f"{found:.1f}"
