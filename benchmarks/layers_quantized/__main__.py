"""``python -m benchmarks.layers_quantized``: measures what isn't measured yet; writes the table into ``benchmarks/README.md``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfjsci.browser.session import BrowserSession

from ..net_by_net import run, say
from ..quantized.places import QUANTIZED
from .measure import LAYERED, SEEDS, measure
from .table import write_table


def _measure(net: str, asked: argparse.Namespace) -> None:
    if net not in LAYERED:
        print(f"{net}: no layers model of its own", flush=True)
        return
    with BrowserSession(log_file=QUANTIZED / "layers.log") as session:
        found = measure(session, net, SEEDS[:1] if asked.one_seed else SEEDS)
    for n, seed in enumerate(found["seeds"]):
        say(f"{net}, seed {seed}", {name: rows[n] for name, rows in found["rows"].items()})


def _write() -> None:
    write_table(Path(__file__).parents[1] / "README.md")


if __name__ == "__main__":
    sys.exit(
        run(
            sys.argv[1:],
            package="benchmarks.layers_quantized",
            about=__doc__,
            measure=_measure,
            write=_write,
            leaving_out={"--one-seed": "the first seed alone: the trained nets of the other tables"},
        )
    )
