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

BEGIN, END = "<!-- searched: begin (python -m benchmarks.searched) -->", "<!-- searched: end -->"
LIMIT = 0.75

Rows = Mapping[str, Mapping[str, Any]]


def best_of_upstream(rows: Rows) -> str:
    """The smallest of upstream's schemes that meets the threshold. Raises ``ValueError`` when none does."""
    meets = {
        name: row["brotli_bytes"]
        for name, row in rows.items()
        if name.startswith("upstream") and (row["sqnr_db"] is None or row["sqnr_db"] >= SQNR_DB)
    }
    return min(meets, key=lambda name: meets[name])


def ratio(rows: Rows, name: str) -> float:
    """Bytes of a search over those of upstream's best."""
    return float(rows[name]["brotli_bytes"] / rows[best_of_upstream(rows)]["brotli_bytes"])


def write_table(readme: Path) -> None:
    """Put the table between the markers. Raises ``ValueError`` when there are none."""
    put_between(BEGIN, END, table(), readme)


def table() -> str:
    """A row for each net that was measured, and the geometric means."""
    found = {net: results["rows"] for net in NETS if (results := last(net, "searched"))}
    head = [
        "model", "float", "upstream's best", "auto", "ratio", "SQNR", "unseen", "runs", "auto, allow_initializer", "ratio",
    ]  # fmt: skip
    lines = [head, ["---", "---:", "---", *["---:"] * (len(head) - 3)]]
    lines += [[net, *_cells(rows)] for net, rows in found.items()]
    means = [f"**{geometric_mean([ratio(rows, name) for rows in found.values()]):.3f}**" for name in SEARCHES]
    lines.append(["geometric mean", "", "", "", means[0], "", "", "", "", means[1]])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(rows: Rows) -> list[str]:
    best = best_of_upstream(rows)
    auto, other = (rows[name] for name in SEARCHES)
    return [
        _kilobytes(rows["float"]),
        f"{best.removeprefix('upstream, ')}, {_kilobytes(rows[best])}, {_db(rows[best]['sqnr_db'])}",
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
