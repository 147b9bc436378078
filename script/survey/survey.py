#!/usr/bin/env python3
"""The survey: which ops Keras' layers, ``keras.ops`` and a zoo of models produce, and which of them run right in a browser.

script/survey/survey.py trace [--only PATTERN] [--summary FILE]   writes op_usage.json beside this file
script/survey/survey.py run [--resume FILE] [--only PATTERN] …    converts, runs and compares; one JSON line a case
script/survey/survey.py table FILE                                the table of such a file
"""

from __future__ import annotations

import argparse
import fnmatch
import logging
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, get_args

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tfjsci.dtypes import BACKENDS, Backend  # noqa: E402

if TYPE_CHECKING:
    from case import Case

USAGE_FILE = HERE / "op_usage.json"


def all_cases() -> tuple[Case, ...]:
    """Every case, the quick ones first."""
    from cases_layers import LAYER_CASES
    from cases_ops import OP_CASES
    from cases_zoo import ZOO_CASES

    return (*OP_CASES, *LAYER_CASES, *ZOO_CASES)


def chosen(only: str | None, shard: tuple[int, int] = (1, 1)) -> list[Case]:
    """The cases of a shard whose name matches a shell pattern, or has it in it."""
    part, parts = shard
    return [
        case
        for case in all_cases()
        if (only is None or fnmatch.fnmatchcase(case.name, only) or only in case.name)
        and zlib.crc32(case.name.encode()) % parts == part - 1
    ]


def trace(arguments: argparse.Namespace) -> int:
    """Write op_usage.json (of all cases only) and the summary."""
    from op_summary import summary
    from op_usage import document, to_json, trace_cases

    traced = trace_cases(chosen(arguments.only), say=_say)
    if arguments.only is None:
        USAGE_FILE.write_text(to_json(document(traced)), encoding="utf-8")
    if arguments.summary:
        arguments.summary.write_text(summary(traced), encoding="utf-8")
    else:
        print(summary(traced))
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Run the cases that the file has no result of, then print the table of those chosen."""
    from browser_run import run_cases
    from run_results import append, read, table

    from tfjsci.browser.session import BrowserSession

    cases = chosen(arguments.only, arguments.shard)
    done = read(arguments.resume) if arguments.resume else {}
    waiting = [case for case in cases if case.name not in done or done[case.name]["status"] in arguments.again]
    stop = time.monotonic() + 60 * arguments.minutes
    with BrowserSession() as session:
        for group in _grouped(waiting, arguments.together):
            if time.monotonic() > stop:
                _say("the others are left for another time")
                break
            start = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="survey-") as folder:
                outcomes = run_cases(group, session, arguments.backends, Path(folder))
            for name, outcome in outcomes.items():
                done[name] = {"case": name, **vars(outcome)}
                if arguments.resume:
                    append(arguments.resume, done[name])
                _say(f"{name}: {outcome.status}, {outcome.detail}")
            _say(f"({len(group)} cases in {time.monotonic() - start:.0f} s)")
    print(table(done[case.name] for case in cases if case.name in done))
    return 0


def _grouped(cases: list[Case], together: int) -> list[list[Case]]:
    """Small ones together, nets of the zoo alone."""
    small = [case for case in cases if case.kind != "zoo"]
    groups = [small[i : i + together] for i in range(0, len(small), together)]
    return groups + [[case] for case in cases if case.kind == "zoo"]


def tabulate(arguments: argparse.Namespace) -> int:
    """Print the table of a file of results."""
    from run_results import read, table

    print(table(read(arguments.file).values()))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not 1 <= int(part) <= int(parts):
        raise ValueError(text)
    return int(part), int(parts)


def _backends(text: str) -> list[Backend]:
    wanted = text.split(",")
    if not set(wanted) <= set(get_args(Backend)):
        raise ValueError(text)
    return [backend for backend in BACKENDS if backend in wanted]


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    tracing = commands.add_parser("trace", help="write op_usage.json")
    tracing.add_argument("--only", help="only cases whose name has or matches this; op_usage.json isn't written then")
    tracing.add_argument("--summary", type=Path, help="write the summary there instead of printing it")
    tracing.set_defaults(command=trace)
    running = commands.add_parser("run", help="convert, run in the browser, compare")
    running.add_argument("--only", help="only cases whose name has or matches this")
    running.add_argument("--backends", type=_backends, default=list(BACKENDS), help="with commas between; default: all")
    running.add_argument("--resume", type=Path, help="append the results there, and skip the cases that it has")
    running.add_argument("--again", type=lambda text: text.split(","), default=[], help="redo those of these statuses")
    running.add_argument("--together", type=int, default=24, help="how many small cases share a page; default: 24")
    running.add_argument("--shard", type=_shard, default=(1, 1), help="i/n: only the i-th part of n")
    running.add_argument("--minutes", type=float, default=float("inf"), help="begin no case after that time")
    running.set_defaults(command=run)
    telling = commands.add_parser("table", help="print the table of a file of results")
    telling.add_argument("file", type=Path)
    telling.set_defaults(command=tabulate)
    parsed = parser.parse_args(arguments)
    logging.getLogger("absl").setLevel(logging.ERROR)
    return int(parsed.command(parsed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
