"""``python -m benchmarks.coverage``: runs the cases that have no record yet, and writes ``docs/coverage.md``.

The work is done by a process of its own: one that dies costs the case that it was at, which is recorded as such.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import places
from .records import append, read

_MOST_DEATHS = 20


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--shard", type=_shard, default=(1, 1), metavar="i/n", help="only the i-th part of n")
    parser.add_argument("--only", metavar="PATTERN", help="only cases whose name matches or has this (commas between)")
    parser.add_argument("--again", action="store_true", help="also those that have a record")
    parser.add_argument(
        "--upstream", action=argparse.BooleanOptionalAction, default=True, help="upstream's converter, too"
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no batch after that time")
    parser.add_argument("--docs", action="store_true", help="only write docs/coverage.md of the records that there are")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.worker:
        return _work(asked)
    if not asked.docs:
        places.COVERAGE.mkdir(parents=True, exist_ok=True)
        if not _supervise(asked, list(arguments)):
            return 1
    if asked.docs or (asked.only is None and asked.shard == (1, 1)):
        from .table import write_docs

        write_docs(places.DOCS)
    return 0


def _supervise(asked: argparse.Namespace, arguments: list[str]) -> bool:
    """Workers, one after another, until one comes to the end."""
    attempt = _attempt(asked)
    stop = time.time() + 60 * asked.minutes
    for _ in range(_MOST_DEATHS):
        attempt.unlink(missing_ok=True)
        environment = {**os.environ, "COVERAGE_STOP": str(stop)}
        command = [sys.executable, "-m", "benchmarks.coverage", "--worker", *arguments]
        code = subprocess.run(command, env=environment, cwd=places.ROOT, check=False).returncode
        if code == 0:
            return True
        if not attempt.exists():
            print(f"the worker ended with {code}, and with no case to blame", file=sys.stderr)
            return False
        name = attempt.read_text(encoding="utf-8")
        print(f"{name}: the process died ({code})", flush=True)
        died = {"status": "failed", "said": f"the converter's process died ({code})", "backends": {}}
        append(
            places.RESULTS,
            {"case": name, "of": "", "when": time.strftime("%Y-%m-%d"), "random": False, "failed": "", "graph": died,
             "layers": None, "upstream": None, "browser": ""},
        )  # fmt: skip
    return False


def _work(asked: argparse.Namespace) -> int:
    from .cases import chosen
    from .sweep import sweep

    logging.getLogger("absl").setLevel(logging.ERROR)
    cases = chosen(asked.only, asked.shard)
    done = {} if asked.again else read(places.RESULTS)
    waiting = [case for case in cases if case.name not in done]
    print(f"{len(waiting)} of {len(cases)} cases have no record", flush=True)
    left = float(os.environ["COVERAGE_STOP"]) - time.time()
    sweep(waiting, upstream=asked.upstream, stop=time.monotonic() + left, attempt=_attempt(asked))
    return 0


def _attempt(asked: argparse.Namespace) -> Path:
    return places.COVERAGE / f"attempt-{asked.shard[0]}-{asked.shard[1]}"


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not 1 <= int(part) <= int(parts):
        raise ValueError(text)
    return int(part), int(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
