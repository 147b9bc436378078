"""Which op runs on which backend, natively or lowered: the matrix that ``tfjsci ops`` and docs/ops.md show.

``support.json`` is made by script/make_support.py: each example of an op that has a problem somewhere, lowered for one backend
at a time as a conversion does it. The rest follows from the catalogue and the list of lowerings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tfjsci.catalog.catalog import Catalog
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.rewrite.lowering import Lowering

SUPPORT_FILE = Path(__file__).with_name("support.json")

Support = Literal["native", "native, lowered", "lowered", "in part", "no"]
"""``native``: by a kernel of the backend. ``native, lowered``: where the kernel can't (a dtype, an attribute, a rank), lowered.
``in part``: some uses run neither way."""

LOWERED_ONLY = "lowered"
"""The category of ops that the release hasn't got."""

SUPPORTED: frozenset[Support] = frozenset({"native", "native, lowered", "lowered"})
"""What counts as running."""

CaseAnswer = Literal["native", "lowered", "no"]


@dataclass(frozen=True, kw_only=True)
class OpSupport:
    """One op: ``on`` each backend, the names of the lowerings that may be taken, and the examples that run neither way."""

    op: str
    category: str
    on: Mapping[Backend, Support]
    by: tuple[str, ...]
    refused: Mapping[Backend, tuple[str, ...]]


@cache
def answers() -> dict[str, dict[Backend, CaseAnswer]]:
    """Example (``Op/variant``) -> what a conversion makes of it for each backend."""
    found: dict[str, dict[Backend, CaseAnswer]] = json.loads(SUPPORT_FILE.read_text(encoding="utf-8"))["cases"]
    return found


def support_matrix(catalog: Catalog, lowerings: tuple[Lowering, ...]) -> dict[str, OpSupport]:
    """By op, sorted: all that the release has and all that can be lowered to it."""
    by_op: dict[str, list[str]] = {}
    for lowering in lowerings:
        for op in lowering.ops:
            by_op.setdefault(op, []).append(lowering.name)
    cases: dict[str, dict[str, dict[Backend, CaseAnswer]]] = {}
    for name, answer in answers().items():
        cases.setdefault(name.partition("/")[0], {})[name] = answer
    return {
        op: OpSupport(
            op=op,
            category=catalog.ops[op].category if op in catalog.ops else LOWERED_ONLY,
            on={backend: _support(op, backend, catalog, cases.get(op, {}), by_op) for backend in BACKENDS},
            by=tuple(by_op.get(op, ())),
            refused={
                backend: names
                for backend in BACKENDS
                if (names := tuple(name for name, answer in cases.get(op, {}).items() if answer[backend] == "no"))
            },
        )
        for op in sorted({*catalog.ops, *by_op}, key=lambda op: (op.lower(), op))
    }


def _support(
    op: str,
    backend: Backend,
    catalog: Catalog,
    cases: Mapping[str, Mapping[Backend, CaseAnswer]],
    by_op: Mapping[str, list[str]],
) -> Support:
    if op not in catalog.ops:
        return "lowered"
    # The plain example is in the table only if it has a problem; the others that aren't are native.
    seen = {answer[backend] for answer in cases.values()}
    if op not in cases:
        seen.add("native" if backend in catalog.backends_of(op) else "lowered" if op in by_op else "no")
    if "no" in seen:
        return "in part" if len(seen) > 1 else "no"
    if "lowered" in seen:
        return "native, lowered" if "native" in seen else "lowered"
    return "native"
