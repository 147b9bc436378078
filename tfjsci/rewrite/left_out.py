"""Rules and lowerings that somebody wants left out, by name: a way round a wrong one until it is put right."""

from __future__ import annotations

from collections.abc import Iterable

from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.nearest import did_you_mean
from tfjsci.rewrite.pipeline import names_of_rules


def left_out(names: Iterable[str]) -> frozenset[str]:
    """The names, each of a rule or lowering that there is. Raises ``UsageError``."""
    wanted = frozenset(names)
    for name in sorted(wanted):
        if problem := unknown_rule(name):
            raise UsageError(
                problem,
                hint="tfjsci convert --explain names those that a model uses; docs/rules.md and docs/lowerings.md list all.",
            )
    return wanted


def unknown_rule(name: str) -> str | None:
    """What is wrong with the name; None: there is such a rule or lowering."""
    known = names_of_rules()
    if name in known:
        return None
    return f"there is no rule or lowering {one_line(name)!r} to leave out.{did_you_mean(name, known)}"
