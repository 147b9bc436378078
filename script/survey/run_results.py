"""The run's results: JSON lines, one a case, of which the last one about a case counts; and the table made of them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from browser_run import STATUSES

_REFUSED_OP = re.compile(r"(?:^refused: |; )(\w+) \(")


def read(file: Path) -> dict[str, dict[str, Any]]:
    """The newest result of each case. A last line that was cut short counts for nothing."""
    if not file.is_file():
        return {}
    found: dict[str, dict[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            result = json.loads(line)
        except ValueError:
            continue
        found[result["case"]] = result
    return found


def append(file: Path, result: dict[str, Any]) -> None:
    """One more line, in one write, so that shards can share a file."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(result) + "\n")


def table(results: Iterable[dict[str, Any]]) -> str:
    """Counts, refused ops by name, and every case that isn't right with its reason."""
    results = sorted(results, key=lambda result: result["case"])
    return "\n".join([*_counts(results), *_refused_ops(results), *_not_right(results)]) + "\n"


def _counts(results: list[dict[str, Any]]) -> Iterator[str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        for row in (result["case"].partition("/")[0], "all"):
            counts[row][result["status"]] += 1
    yield f"{'':10}{'cases':>7}" + "".join(f"{status:>9}" for status in STATUSES)
    for row, found in sorted(counts.items(), key=lambda item: item[0] == "all"):
        yield f"{row:10}{found.total():>7}" + "".join(f"{found[status]:>9}" for status in STATUSES)


def _refused_ops(results: list[dict[str, Any]]) -> Iterator[str]:
    ops: Counter[str] = Counter()
    for result in results:
        ops.update({op for text in result["backends"].values() for op in _REFUSED_OP.findall(text)})
    if ops:
        yield ""
        yield "refused for: " + ", ".join(f"{op} ×{count}" for op, count in ops.most_common())


def _not_right(results: list[dict[str, Any]]) -> Iterator[str]:
    for status in STATUSES[1:]:
        found = [result for result in results if result["status"] == status]
        if found:
            yield ""
            yield f"{status}:"
            yield from (f"  {result['case']}: {result['detail']}" for result in found)
