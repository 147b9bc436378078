"""``python -m benchmarks.quantized``: measures what isn't measured yet, and writes the tables into ``benchmarks/README.md``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfjsci.browser.session import BrowserSession

from ..net_by_net import run, say
from .measure import ablation, comparison, plain_ablation
from .places import QUANTIZED
from .table import write_tables

_LEAVING_OUT = {
    "--no-ablation": "not what each part of calibration is worth",
    "--no-plain": "not what ranges and rounding are worth",
    "--no-comparison": "not the comparison in the browser",
}


def _measure(net: str, asked: argparse.Namespace) -> None:
    if not asked.no_comparison:
        with BrowserSession(log_file=QUANTIZED / "quantized.log") as session:
            say(net, comparison(session, net)["rows"])
    if not asked.no_plain:
        say(f"{net}, without samples", plain_ablation(net)["rows"])
    if not asked.no_ablation:
        say(f"{net}, ablation", ablation(net)["rows"])


def _write() -> None:
    write_tables(Path(__file__).parents[1] / "README.md")


if __name__ == "__main__":
    sys.exit(
        run(
            sys.argv[1:],
            package="benchmarks.quantized",
            about=__doc__,
            measure=_measure,
            write=_write,
            leaving_out=_LEAVING_OUT,
        )
    )
