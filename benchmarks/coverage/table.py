"""``docs/coverage.md``, made of the records, between marks. Nothing in there is written by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.tables import put_between
from tfjsci import __version__
from tfjsci.browser.runtime import DEFAULT_VERSION
from tfjsci.dtypes import BACKENDS
from tfjsci.machine import this_machine

from . import places
from .cases import GROUPS, all_cases, group_of
from .records import Record, read

BEGIN, END = "<!-- coverage: begin (python -m benchmarks.coverage) -->", "<!-- coverage: end -->"
_SAID = 110
_NONE = "–"


def write_docs(file: Path) -> None:
    """Put the tables between the marks. Raises ``ValueError`` when there are none."""
    names = [case.name for case in all_cases()]
    found = read(places.RESULTS)
    records = {name: found[name] for name in names if name in found}
    put_between(BEGIN, END, tables(names, records), file)


def tables(names: Sequence[str], records: dict[str, Record]) -> str:
    """Totals, what isn't right of ours, then a table a group. ``records`` are those that there are, ``names`` all cases'."""
    parts = [_of_what(names, records), _totals(names, records), _not_right(records)]
    for group, title in GROUPS.items():
        rows = [record for name, record in records.items() if group_of(name) == group]
        if rows:
            parts.append(f"## {title}\n\n{_table(_HEAD, (_row(record) for record in sorted(rows, key=_name)))}")
    return "\n\n".join(part for part in parts if part)


def _name(record: Record) -> str:
    return str(record["case"])


def _of_what(names: Sequence[str], records: dict[str, Record]) -> str:
    days = sorted({record["when"] for record in records.values()})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else "never"
    machine = this_machine()
    browsers = ", ".join(sorted({record["browser"] for record in records.values() if record.get("browser")}))
    return (
        f"{len(records)} of {len(names)} cases have run ({when}): tfjsci {__version__} on TensorFlow "
        f"{machine.tensorflow}, Keras {machine.keras} and Python {machine.python}; TensorFlow.js {DEFAULT_VERSION} "
        f"in {browsers or 'no browser'}; upstream's converter is tensorflowjs 4.22.0 on TensorFlow 2.19."
    )


# ---- totals

_OURS: tuple[tuple[str, Callable[[Record], bool]], ...] = (
    ("right", lambda outcome: outcome["status"] == "right"),
    ("inexact", lambda outcome: outcome["status"] == "inexact"),
    ("refused, said why", lambda outcome: outcome["status"] == "refused"),
    ("wrong", lambda outcome: outcome["status"] == "wrong"),
    ("throws", lambda outcome: outcome["status"] in {"throws", "failed"}),
)


def _totals(names: Sequence[str], records: dict[str, Record]) -> str:
    head = ["", "cases", "ran", *(f"graph model: {name}" if i == 0 else name for i, (name, _) in enumerate(_OURS)),
            *(f"layers model: {name}" if i == 0 else name for i, (name, _) in enumerate(_OURS)),
            "upstream: right", "inexact", "didn't convert", "wrong", "throws"]  # fmt: skip
    rows = []
    for group, title in (*GROUPS.items(), ("", "**all**")):
        mine = [record for name, record in records.items() if not group or group_of(name) == group]
        planned = sum(not group or group_of(name) == group for name in names)
        rows.append(
            [
                title, str(planned), str(len(mine)),
                *(str(count) for who in ("graph", "layers", "upstream") for count in _counted(mine, who)),
            ]
        )  # fmt: skip
    out = sum(bool(record["failed"]) for record in records.values())
    random = sum(bool(record["random"]) for record in records.values())
    notes = (
        [f"{out} of the cases that ran are none: TensorFlow itself can't save or run them (named below)."]
        if out
        else []
    )
    if random:
        notes.append(f"{random} give random numbers: their shapes and dtypes alone are compared.")
    return f"## Totals\n\n{_table(head, rows)}" + (f"\n\n{' '.join(notes)}" if notes else "")


def _counted(records: Sequence[Record], who: str) -> Iterator[int]:
    outcomes = [record[who] for record in records if record[who] is not None]
    for _, holds in _OURS:
        yield sum(holds(outcome) for outcome in outcomes)


# ---- ours that isn't right


def _not_right(records: dict[str, Record]) -> str:
    lines: Counter[str] = Counter()
    cases: dict[str, list[str]] = {}
    for name, record in records.items():
        for who, title in (("graph", "graph model"), ("layers", "layers model")):
            outcome = record[who]
            if outcome is None or outcome["status"] == "right" or (who == "layers" and outcome["status"] == "refused"):
                continue
            text = f"{title}: {_cell(outcome)}"
            lines[text] += 1
            cases.setdefault(text, []).append(name)
    if not lines:
        return ""
    listed = "\n".join(f"- {', '.join(f'`{name}`' for name in sorted(cases[text]))}: {text}" for text in lines)
    return f"## What of ours isn't right everywhere\n\nLayers models that are refused stand in the tables.\n\n{listed}"


# ---- a table a group

_HEAD = ["case", "graph model", "layers model", "upstream 4.22.0"]


def _row(record: Record) -> list[str]:
    name = f"`{record['case'].partition('/')[2]}`" + (" (random: shape and dtype)" if record["random"] else "")
    if record["failed"]:
        return [name, f"not in TensorFlow: {_plain(record['failed'])}", _NONE, _NONE]
    return [name, _cell(record["graph"]), _cell(record["layers"]), _cell(record["upstream"], refused="didn't convert")]


def _cell(outcome: Record | None, *, refused: str = "refused") -> str:
    if outcome is None:
        return _NONE
    backends = outcome["backends"]
    if not backends:
        word = refused if outcome["status"] == "refused" else outcome["status"]
        return f"{word}: {_plain(outcome['said'])}"
    parts = []
    right = [backend for backend in BACKENDS if backend in backends and backends[backend]["status"] == "right"]
    if right:
        measured = [backends[backend]["sqnr_db"] for backend in right if "sqnr_db" in backends[backend]]
        number = f"{min(measured):.0f} dB" if measured else "exact"
        where = "right" if len(right) == len(BACKENDS) else f"right on {', '.join(right)}"
        parts.append(f"{where} ({number})")
    by_said: dict[tuple[str, str], list[str]] = {}
    for backend in BACKENDS:
        if backend in backends and backend not in right:
            verdict = backends[backend]
            by_said.setdefault((verdict["status"], _plain(verdict.get("said", ""))), []).append(backend)
    for (status, said), where_not in by_said.items():
        parts.append(f"**{status}** on {', '.join(where_not)}" + (f": {said}" if said else ""))
    return "; ".join(parts)


def _plain(said: str) -> str:
    """One short line that Markdown leaves alone."""
    text = " ".join(said.replace("\x1b[1m", "").replace("\x1b[0m", "").split())
    text = text if len(text) <= _SAID else f"{text[:_SAID]} …"
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _table(head: Sequence[str], rows: Iterator[list[str]] | Sequence[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
