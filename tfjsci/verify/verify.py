"""Verify that rewriting kept the numbers; where it didn't, say what did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfjsci.errors import RewriteBug
from tfjsci.graph.graph import Array, Graph
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.stage import Means
from tfjsci.verify.agreement import Agreement
from tfjsci.verify.culprit import find_culprit
from tfjsci.verify.original import Original
from tfjsci.verify.verification import Verification


def verify(
    before: Graph, after: Graph, *, inputs: Mapping[str, Array], outputs: Sequence[str], means: Means
) -> Verification:
    """``after`` is what rewriting made of ``before`` with ``means``; ``inputs`` go by Placeholder, ``outputs`` are names.

    What can't be run, or not twice alike, isn't verified: that is no failure, and the reason is told.
    """
    try:
        original = Original(before, inputs=inputs, names=outputs, evaluate=means.evaluate)
    except NotComputable as error:
        return _unverified("the original graph", error)
    try:
        found = original.against(after)
    except NotComputable as error:
        return _unverified("the rewritten graph", error)
    measured = [each.sqnr_db for each in found if each.sqnr_db is not None]
    sqnr_db = min(measured) if measured else None
    worst = _worst(found)
    if worst is None:
        return Verification(status="same", sqnr_db=sqnr_db)
    culprit = find_culprit(before, means, lambda graph: _worst(original.against(graph)) is None)
    return Verification(
        status="different",
        reason=worst.why,
        sqnr_db=sqnr_db,
        output=worst.output,
        stage=culprit.stage if culprit else None,
        rules=culprit.rules if culprit else (),
    )


def bug_of(verification: Verification) -> RewriteBug:
    """Different numbers as an error, with what to do about it now."""
    what = f"in the stage “{verification.stage}”" if verification.stage else "in a stage that can't be told"
    if verification.rules:
        what = f"by {', '.join(verification.rules)}, {what}"
    options = " ".join(f"--no-rule {name}" for name in verification.rules)
    now = f"go on now with {options}" if options else "go on now with --no-verify"
    return RewriteBug(
        f"rewriting changed the numbers, {what}: output {verification.output}: {verification.reason}",
        hint=f"This is a bug of tfjsci, not of the model. Please report it, with the log file, and {now}.",
    )


def _worst(found: Sequence[Agreement]) -> Agreement | None:
    """The output that differs most, if one does."""
    different = [each for each in found if each.why]
    return max(different, key=lambda each: float("inf") if each.error is None else each.error, default=None)


def _unverified(what: str, error: NotComputable) -> Verification:
    return Verification(status="unverified", reason=f"{what} can't be run in TensorFlow: {str(error)[:300]}")
