"""Cases from their making to their records: prepared one by one, run many to a page."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import places

# isort: split
from case import Case

from tfjsci.dtypes import BACKENDS, Backend

from .cases import backends_of, is_heavy
from .judged import Outcome, Verdict, judge, together
from .pages import Pages, Task
from .prepared import Made, Prepared, prepare
from .records import Record, append, told
from .upstream import Upstream, as_named, names_for

TOGETHER = 32
"""Cases of one batch: a page that keeps every shader ever compiled grows slow."""


def sweep(cases: Sequence[Case], *, upstream: bool, stop: float, attempt: Path) -> None:
    """Append a record for each case to the results, as long as ``time.monotonic()`` is below ``stop``.

    ``attempt`` holds the name of the case that is being made: what a process that died was at.
    """
    with Pages() as pages, Upstream() as other:
        for batch in _batches(cases):
            if time.monotonic() > stop:
                return
            start = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="coverage-") as folder:
                records = _batch(batch, Path(folder), pages, other if upstream else None, attempt)
            for record in records:
                record["browser"] = pages.version
                append(places.RESULTS, record)
                print(_line(record), flush=True)
            print(f"({len(batch)} cases in {time.monotonic() - start:.0f} s)", flush=True)


def _batches(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    light = [case for case in cases if not is_heavy(case)]
    yield from (light[i : i + TOGETHER] for i in range(0, len(light), TOGETHER))
    yield from ([case] for case in cases if is_heavy(case))


def _batch(cases: Sequence[Case], folder: Path, pages: Pages, upstream: Upstream | None, attempt: Path) -> list[Record]:
    ready: list[Prepared] = []
    for i, case in enumerate(cases):
        place = folder / f"case{i}"
        place.mkdir()
        attempt.write_text(case.name, encoding="utf-8")
        each = prepare(case, place)
        ready.append(each)
        if upstream is not None and each.source is not None:
            upstream.convert(each.source, place / "upstream")
    attempt.unlink(missing_ok=True)
    ours = _outcomes(
        pages,
        {
            (who, i): (each, made)
            for i, each in enumerate(ready)
            for who, made in (("graph", each.graph), ("layers", each.layers))
            if made is not None and not each.failed
        },
        once_more=True,
    )
    theirs: dict[_Key, Outcome] = {}
    if upstream is not None:
        asked: dict[_Key, tuple[Prepared, Made]] = {}
        for i, each in enumerate(ready):
            if each.source is not None:
                output = folder / f"case{i}" / "upstream"
                said = upstream.said(output)
                asked["upstream", i] = each, _theirs(each, output, said)
        theirs = _outcomes(pages, asked, once_more=False)
    found = {**ours, **theirs}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return [
        {
            "case": each.case.name,
            "of": each.case.of,
            "when": time.strftime("%Y-%m-%d", time.gmtime()),
            "random": each.random,
            "failed": each.failed,
            **{who: told(found.get((who, i))) for who in ("graph", "layers", "upstream")},
        }
        for i, each in enumerate(ready)
    ]


def _wanted(key: _Key, each: Prepared) -> Sequence[Backend]:
    return backends_of(each.case, upstream=key[0] == "upstream")


def _theirs(each: Prepared, output: Path, said: str) -> Made:
    if said:
        return Made(refused=said)
    return Made(folder=output, given=as_named(output, each.given or {}), names=names_for(output, each.reference or {}))


_Key = tuple[str, int]
"""Whose artifact, and of which case of the batch."""


def _outcomes(pages: Pages, asked: Mapping[_Key, tuple[Prepared, Made]], *, once_more: bool) -> dict[_Key, Outcome]:
    """What became of these artifacts. With ``once_more`` what isn't right runs again, in a page of its own, and that counts."""
    outcomes: dict[_Key, Outcome] = {}
    found: dict[_Key, dict[str, Verdict]] = {}
    for key, (each, made) in asked.items():
        if made.folder is None:
            status = "refused" if made.refused else "failed"
            outcomes[key] = Outcome(status=status, said=made.refused or made.failed)
            continue
        wanted = _wanted(key, each)
        not_on = {backend: reason for backend, reason in (made.not_on or {}).items() if backend in wanted}
        found[key] = {backend: Verdict(status="refused", said=reason) for backend, reason in not_on.items()}
    for backend in BACKENDS:
        group = {
            key: asked[key] for key in found if backend in _wanted(key, asked[key][0]) and backend not in found[key]
        }
        for key, verdict in zip(group, _verdicts(pages, backend, list(group.values())), strict=True):
            found[key][backend] = verdict
            if once_more and verdict.status in {"wrong", "throws"} and len(group) > 1:
                (found[key][backend],) = _verdicts(pages, backend, [asked[key]])
    return outcomes | {key: together(verdicts) for key, verdicts in found.items()}


def _verdicts(pages: Pages, backend: Backend, group: Sequence[tuple[Prepared, Made]]) -> list[Verdict]:
    if not group:
        return []
    tasks = [Task(model=_folder(made), inputs=made.given or {}) for _, made in group]
    return [
        judge(
            each.reference or {},
            answer,
            backend,
            names=made.names,
            random=each.random,
            coarse=each.case.coarse or "float16" in each.case.name,
        )
        for (each, made), answer in zip(group, pages.run(backend, tasks), strict=True)
    ]


def _folder(made: Made) -> Path:
    assert made.folder is not None
    return made.folder


def _line(record: Record) -> str:
    if record["failed"]:
        return f"{record['case']}: not in TensorFlow: {record['failed']}"
    parts = []
    for who in ("graph", "layers", "upstream"):
        outcome: Any = record[who]
        if outcome is None:
            continue
        text = outcome["status"]
        if who != "upstream" and outcome["status"] not in {"right"}:
            seen = {b: v.get("said", "") for b, v in outcome["backends"].items() if v["status"] != "right"}
            text += f" ({outcome['said'] or seen})"
        parts.append(f"{who} {text}")
    return f"{record['case']}: {'; '.join(parts)}"
