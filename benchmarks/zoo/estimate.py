"""How long the timed measures will take, from what was measured before: at most, for what is still good isn't measured again."""

from __future__ import annotations

from collections.abc import Iterable

from .converting import ALONE, said_by_converter
from .first import PAIRS
from .nets import NETS
from .results import known
from .steady import BUDGET_SECONDS, TIMED

_PAGE_SECONDS = 4.0
"""A page that opens, with a model that loads and runs for the first time on a software renderer."""

_BROWSER_SECONDS = 2.0
_FIRST_MS = 2500.0
"""Of a net that wasn't measured yet."""


def minutes(nets: Iterable[str], measures: Iterable[str]) -> float:
    """Of steady and first inference, on a quiet machine of two cores, without the conversions."""
    asked = list(measures)
    seconds = 0.0
    for net in nets:
        rivals = ("upstream", "without rules") if NETS[net].also_without_rules else ("upstream",)
        if "steady" in asked:
            for backend in TIMED:
                alone = (ALONE[backend],) if NETS[net].also_without_rules else ()
                races = sum(_may_run(net, who, backend) for who in (*rivals, *alone))
                seconds += races * (BUDGET_SECONDS[backend] + 4 * _PAGE_SECONDS)
        if "first" in asked and _may_run(net, "upstream", "webgl"):
            before = known("first", net) or {"ours_ms": _FIRST_MS, "upstream_ms": _FIRST_MS}
            one = (before["ours_ms"] + before["upstream_ms"]) / 1000 + 2 * (_BROWSER_SECONDS + _PAGE_SECONDS / 2)
            seconds += PAIRS * one
    return seconds / 60


def _may_run(net: str, who: str, backend: str) -> bool:
    """Unless it is known that it doesn't."""
    return not said_by_converter(net, who) and "failure" not in (known("rightness", net, who, backend) or {})
