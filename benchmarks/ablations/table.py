"""The tables of ``benchmarks/README.md``, made of the results, between markers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from ..quantized.results import last
from ..tables import put_between, table
from ..trained.nets import NETS
from .ideas import BASES, IDEAS
from .measure import WHAT

BEGIN, END = "<!-- ablations: begin (python -m benchmarks.ablations) -->", "<!-- ablations: end -->"

DB_A_BIT = 6.02
"""What half the step gains, for one bit more of each weight: so much of a gain is what the bytes alone would have bought."""

Rows = Mapping[str, Mapping[str, Any]]


def write_tables(readme: Path) -> None:
    """Put them between the markers. Raises ``ValueError`` when there are none."""
    put_between(BEGIN, END, tables(), readme)


def tables() -> str:
    """A row for each idea: means over the nets; and what it gains at the same bytes, net by net."""
    found = {net: results["rows"] for net in NETS if (results := last(net, WHAT))}
    return f"{_means(found)}\n\nThe last column, net by net:\n\n{_by_net(found)}"


def gained_db(rows: Rows, name: str) -> float:
    """What an idea gains in SQNR, in dB."""
    return float(rows[name]["sqnr_db"] - rows[IDEAS[name].without]["sqnr_db"])


def more_bytes(rows: Rows, name: str) -> float:
    """Of the bytes without it, the share that it costs; negative where it saves."""
    return float(rows[name]["brotli_bytes"] / rows[IDEAS[name].without]["brotli_bytes"] - 1)


def gained_at_same_bytes_db(rows: Rows, name: str) -> float:
    """The gain without what its bytes would have bought: :data:`DB_A_BIT`."""
    base = rows[IDEAS[name].without]
    bits = 8 * (rows[name]["brotli_bytes"] - base["brotli_bytes"]) / base["weights"]
    return gained_db(rows, name) - DB_A_BIT * bits


def _means(found: Mapping[str, Rows]) -> str:
    lines = []
    for base in BASES:
        lines.append(
            [
                f"**{base}**",
                f"{mean(rows[base]['sqnr_db'] for rows in found.values()):.1f}",
                f"{mean(rows[base]['brotli_bytes'] for rows in found.values()) / 1000:.1f}",
                *[""] * 3,
            ]
        )
        lines += [_row(found, name) for name, idea in IDEAS.items() if idea.without == base]
    return table(["", "SQNR, dB", "brotli, kB", "gained, dB", "bytes", "gained at the same bytes, dB"], lines)


def _row(found: Mapping[str, Rows], name: str) -> list[str]:
    rows = [*found.values()]
    return [
        name,
        f"{mean(each[name]['sqnr_db'] for each in rows):.1f}",
        f"{mean(each[name]['brotli_bytes'] for each in rows) / 1000:.1f}",
        f"{mean(gained_db(each, name) for each in rows):+.2f}",
        f"{100 * mean(more_bytes(each, name) for each in rows):+.1f} %",
        f"{mean(gained_at_same_bytes_db(each, name) for each in rows):+.2f}",
    ]


def _by_net(found: Mapping[str, Rows]) -> str:
    lines = [[name, *(f"{gained_at_same_bytes_db(rows, name):+.2f}" for rows in found.values())] for name in IDEAS]
    return table(["", *found], lines)
