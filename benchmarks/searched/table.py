"""The table of ``benchmarks/README.md``, made of the results, between markers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from ..quantized.results import last
from ..tables import put_between
from ..trained.nets import NETS
from .measure import SEARCHES, SQNR_DB
from .upstreams import THEIR_CODES, THEIRS, best_of_upstream, runs

BEGIN, END = "<!-- searched: begin (python -m benchmarks.searched) -->", "<!-- searched: end -->"
LIMIT = 0.75

Rows = Mapping[str, Mapping[str, Any]]


def ratio(rows: Rows, name: str) -> float:
    """Bytes of a search over those of upstream's best."""
    return float(rows[name]["brotli_bytes"] / rows[best_of_upstream(rows, SQNR_DB)]["brotli_bytes"])


def write_table(readme: Path) -> None:
    """Put the table between the markers. Raises ``ValueError`` when there are none."""
    put_between(BEGIN, END, table(), readme)


def table() -> str:
    """A row for each net that was measured, and the geometric means: of those that upstream's artifacts run of, and of all."""
    found = {net: results["rows"] for net in NETS if (results := last(net, "searched"))}
    head = [
        "model", "float", "upstream's best", "auto", "ratio", "SQNR", "unseen", "runs", "auto, allow_initializer", "ratio",
    ]  # fmt: skip
    lines = [head, ["---", "---:", "---", *["---:"] * (len(head) - 3)]]
    lines += [[net, *_cells(rows)] for net, rows in found.items()]
    running = [rows for rows in found.values() if runs(rows)]
    lines.append(_means("geometric mean, where upstream's runs", running))
    if len(running) < len(found):
        lines.append(_means("geometric mean of all", list(found.values())))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _means(name: str, found: list[Rows]) -> list[str]:
    means = [f"**{geometric_mean([ratio(rows, search) for rows in found]):.3f}**" for search in SEARCHES]
    return [name, "", "", "", means[0], "", "", "", "", means[1]]


def _cells(rows: Rows) -> list[str]:
    best = best_of_upstream(rows, SQNR_DB)
    auto, other = (rows[name] for name in SEARCHES)
    said = best.removeprefix(THEIRS) if best.startswith(THEIRS) else f"✗; its {best.removeprefix(THEIR_CODES)} codes"
    return [
        _kilobytes(rows["float"]),
        f"{said}, {_kilobytes(rows[best])}, {_db(rows[best]['sqnr_db'])}",
        _kilobytes(auto),
        f"{ratio(rows, 'auto'):.3f}",
        _db(auto["sqnr_db"]),
        _db(auto["unseen_sqnr_db"]),
        str(auto["evaluations"]),
        f"{_kilobytes(other)}, {_db(other['sqnr_db'])}",
        f"{ratio(rows, 'auto, allow_initializer'):.3f}",
    ]


def _kilobytes(row: Mapping[str, Any]) -> str:
    return f"{row['brotli_bytes'] / 1000:.1f} kB"


def _db(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f} dB"
