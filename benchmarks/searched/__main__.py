"""``python -m benchmarks.searched``: measures what is missing; writes the table of the README, and the docs' picture."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tfjsci.browser.session import BrowserSession

from ..quantized.places import QUANTIZED
from ..trained.nets import NETS
from .measure import measure
from .picture import write_picture
from .table import ratio, write_table


def main(arguments: Sequence[str]) -> int:
    """Measure, then write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searched", description=__doc__)
    parser.add_argument("--net", action="append", choices=list(NETS), help="this net (may be repeated; default: all)")
    parser.add_argument("--no-table", action="store_true", help="leave benchmarks/README.md alone")
    asked = parser.parse_args(arguments)
    for net in asked.net or list(NETS):
        start = time.monotonic()
        with BrowserSession(log_file=QUANTIZED / "searched.log") as session:
            found = measure(session, net)
        print(f"== {net}: ratio {ratio(found['rows'], 'auto'):.3f}, {time.monotonic() - start:.0f} s", flush=True)
        for name, row in found["rows"].items():
            print(f"  {name}: {', '.join(f'{key} {value}' for key, value in row.items())}", flush=True)
    if not asked.no_table:
        benchmarks = Path(__file__).parents[1]
        write_table(benchmarks / "README.md")
        write_picture(benchmarks.parent / "docs" / "images" / "size-against-error.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
