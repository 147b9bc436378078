"""What was measured: a JSON line a case, the last one about a case counts, so that a sweep goes on where it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .judged import Outcome

Record = dict[str, Any]


def read(file: Path) -> dict[str, Record]:
    """The newest record of each case. A line that was cut short counts for nothing."""
    found: dict[str, Record] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            found[record["case"]] = record
    return found


def append(file: Path, record: Record) -> None:
    """One more line, in one write, so that shards can share a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(record, ensure_ascii=False) + "\n")


def told(outcome: Outcome | None) -> Record | None:
    """For JSON."""
    if outcome is None:
        return None
    told = asdict(outcome)
    told["backends"] = {
        name: {key: value for key, value in each.items() if value not in (None, "")}
        for name, each in told["backends"].items()
    }
    return told
