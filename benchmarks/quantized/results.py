"""What was measured, in files of their own: kept until what it was measured of changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..trained.models import digest
from ..zoo.converting import digest_of_ours
from .places import results_of

Results = dict[str, Any]


def kept(net: str, what: str, measure: Callable[[], Results]) -> Results:
    """The results of this net as it is and the converter as it is; measured now unless they are there."""
    return kept_of(net, what, of=f"{digest(net)} {digest_of_ours()}", measure=measure)


def kept_of(net: str, what: str, *, of: str, measure: Callable[[], Results]) -> Results:
    """The results that are ``of`` this; measured now unless they are there."""
    there = last(net, what)
    if there is not None and there["of"] == of:
        return there
    return store(net, what, {"of": of, **measure()})


def store(net: str, what: str, found: Results) -> Results:
    """Write it down, whole or not at all."""
    file = results_of(net, what)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1))
    part.replace(file)
    return found


def last(net: str, what: str) -> Results | None:
    """The last results, of whatever converter: for the tables, which tell what was measured."""
    file = results_of(net, what)
    return json.loads(file.read_text()) if file.exists() else None


def measured_last(net: str, what: str) -> Results:
    """The same for who can't do without. Raises ``LookupError`` where nothing was measured yet."""
    found = last(net, what)
    if found is None:
        raise LookupError(f"{net} has no results of {what} yet: measure it with --net {net!r}")
    return found
