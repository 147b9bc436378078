"""Functions that take functions: loops, branches, scans. Each has one case, and some a second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import normal, whole, yes_or_no
from op_case import op

_ROWS = normal(5, 3)


def _pair(carried: Any, x: Any) -> Any:
    total = carried * 0.5 + x
    return total, total * 2.0


def _control() -> Iterator[Case]:
    yield from op("cond", yes_or_no(), _ROWS, call=lambda o, p, x: o.cond(p, lambda: x * 2, lambda: x - 1))
    yield from op(
        "switch", whole(0, 3), _ROWS,
        call=lambda o, i, x: o.switch(i, [lambda a: a * 2, lambda a: a - 1, lambda a: -a], x),
    )  # fmt: skip
    yield from op(
        "fori_loop", _ROWS, call=lambda o, x: o.fori_loop(0, 4, lambda i, a: a * 0.5 + o.cast(i, "float32"), x)
    )
    yield from op(
        "while_loop", _ROWS, call=lambda o, x: o.while_loop(lambda i, _: i < 4, lambda i, a: (i + 1, a * 0.5), (0, x))
    )
    yield from op(
        "while_loop", _ROWS, case="computed",
        call=lambda o, x: o.while_loop(lambda a: o.sum(o.abs(a)) > 0.5, lambda a: (a * 0.5,), (x,)),
    )  # fmt: skip
    yield from op("map", _ROWS, call=lambda o, x: o.map(lambda row: o.sum(row) * row, x))
    yield from op("vectorized_map", _ROWS, call=lambda o, x: o.vectorized_map(lambda row: o.sum(row) * row, x))
    yield from op("scan", normal(3), _ROWS, call=lambda o, start, x: o.scan(_pair, start, x))
    yield from op(
        "scan", normal(3), _ROWS, call=lambda o, start, x: o.scan(_pair, start, x, unroll=True), case="unrolled"
    )
    yield from op("associative_scan", _ROWS, call=lambda o, x: o.associative_scan(lambda a, b: a + b, x))
    yield from op("associative_scan", _ROWS, case="reversed", call=_scan_back)


def _scan_back(ops: Any, x: Any) -> Any:
    return ops.associative_scan(lambda a, b: a * b, x, reverse=True, axis=1)


CONTROL: tuple[Case, ...] = tuple(_control())
