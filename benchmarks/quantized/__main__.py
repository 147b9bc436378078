"""``python -m benchmarks.quantized``: measures what isn't measured yet, and writes the tables into ``benchmarks/README.md``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tfjsci.browser.session import BrowserSession

from ..trained.nets import NETS
from .measure import ablation, comparison, plain_ablation
from .places import QUANTIZED
from .table import write_tables


def main(arguments: Sequence[str]) -> int:
    """Measure, then write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quantized", description=__doc__)
    parser.add_argument("--net", action="append", choices=list(NETS), help="this net (may be repeated; default: all)")
    parser.add_argument("--no-ablation", action="store_true", help="not what each part of calibration is worth")
    parser.add_argument("--no-plain", action="store_true", help="not what ranges and rounding are worth")
    parser.add_argument("--no-comparison", action="store_true", help="not the comparison in the browser")
    parser.add_argument("--no-table", action="store_true", help="leave benchmarks/README.md alone")
    asked = parser.parse_args(arguments)
    for net in asked.net or list(NETS):
        start = time.monotonic()
        if not asked.no_comparison:
            with BrowserSession(log_file=QUANTIZED / "quantized.log") as session:
                _say(net, comparison(session, net)["rows"])
        if not asked.no_plain:
            _say(f"{net}, without samples", plain_ablation(net)["rows"])
        if not asked.no_ablation:
            _say(f"{net}, ablation", ablation(net)["rows"])
        print(f"== {net}: {time.monotonic() - start:.0f} s", flush=True)
    if not asked.no_table:
        write_tables(Path(__file__).parents[1] / "README.md")
    return 0


def _say(what: str, rows: dict[str, dict[str, float | str | None]]) -> None:
    print(f"\n{what}")
    for name, row in rows.items():
        told = ", ".join(f"{key} {_shown(value)}" for key, value in row.items())
        print(f"  {name}: {told}", flush=True)


def _shown(value: float | str | None) -> str:
    return "exact" if value is None else value if isinstance(value, str) else f"{value:.5g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
