"""``python -m benchmarks.ablations``: measures what isn't measured yet, and writes the tables into ``benchmarks/README.md``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..net_by_net import run
from .measure import measure
from .table import write_tables


def _measure(net: str, _: argparse.Namespace) -> None:
    measure(net, told=lambda said: print(f"  {said}", flush=True))


def _write() -> None:
    write_tables(Path(__file__).parents[1] / "README.md")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], package="benchmarks.ablations", about=__doc__, measure=_measure, write=_write))
