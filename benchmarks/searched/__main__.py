"""``python -m benchmarks.searched``: measures what is missing; writes the table of the README, and the docs' picture."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfjsci.browser.session import BrowserSession

from ..net_by_net import run, say
from ..quantized.places import QUANTIZED
from .measure import measure
from .picture import write_picture
from .table import ratio, write_table


def _measure(net: str, _: argparse.Namespace) -> None:
    with BrowserSession(log_file=QUANTIZED / "searched.log") as session:
        rows = measure(session, net)["rows"]
    say(f"{net}, ratio {ratio(rows, 'auto'):.3f}", rows)


def _write() -> None:
    benchmarks = Path(__file__).parents[1]
    write_table(benchmarks / "README.md")
    write_picture(benchmarks.parent / "docs" / "images" / "size-against-error.svg")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], package="benchmarks.searched", about=__doc__, measure=_measure, write=_write))
