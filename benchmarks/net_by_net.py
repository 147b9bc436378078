"""The command of a benchmark that measures the trained nets one after another, and writes tables of what it found."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence

from .trained.nets import NETS

Row = Mapping[str, float | str | None]


def run(
    arguments: Sequence[str],
    *,
    package: str,
    about: str | None,
    measure: Callable[[str, argparse.Namespace], None],
    write: Callable[[], None],
    leaving_out: Mapping[str, str] | None = None,
) -> int:
    """Measure the nets that are asked for, then write the tables; the exit code.

    ``measure`` is given a net's name and what was asked, ``leaving_out`` are flags beside ``--net`` and ``--no-table``, each with
    what it says of itself.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=about)
    parser.add_argument("--net", action="append", choices=list(NETS), help="this net (may be repeated; default: all)")
    for flag, what in (leaving_out or {}).items():
        parser.add_argument(flag, action="store_true", help=what)
    parser.add_argument("--no-table", action="store_true", help="leave benchmarks/README.md alone")
    asked = parser.parse_args(arguments)
    for net in asked.net or list(NETS):
        start = time.monotonic()
        measure(net, asked)
        print(f"== {net}: {time.monotonic() - start:.0f} s", flush=True)
    if not asked.no_table:
        write()
    return 0


def say(what: str, rows: Mapping[str, Row]) -> None:
    """Print the rows that were measured, each with its name."""
    print(f"\n{what}")
    for name, row in rows.items():
        print(f"  {name}: {', '.join(f'{key} {_shown(value)}' for key, value in row.items())}", flush=True)


def _shown(value: float | str | None) -> str:
    return "exact" if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)
