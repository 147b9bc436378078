"""``python -m benchmarks.ablations``: measures what isn't measured yet, and writes the tables into ``benchmarks/README.md``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..trained.nets import NETS
from .measure import measure
from .table import write_tables


def main(arguments: Sequence[str]) -> int:
    """Measure, then write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("--net", action="append", choices=list(NETS), help="this net (may be repeated; default: all)")
    parser.add_argument("--no-table", action="store_true", help="leave benchmarks/README.md alone")
    asked = parser.parse_args(arguments)
    for net in asked.net or list(NETS):
        start = time.monotonic()
        measure(net, told=lambda said: print(f"  {said}", flush=True))
        print(f"== {net}: {time.monotonic() - start:.0f} s", flush=True)
    if not asked.no_table:
        write_tables(Path(__file__).parents[1] / "README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
