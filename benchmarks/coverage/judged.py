"""An artifact's answers against TensorFlow's, on each backend: right, inexact, wrong, or what was said instead."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfjsci.compare.compare import compare_outputs
from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import RUNTIME_DTYPE, Backend
from tfjsci.verdict.tolerances import ZERO_REFERENCE_MAX_ABS, conversion_tolerances

from .pages import Answer

STATUSES = ("right", "inexact", "wrong", "throws", "refused", "failed")
"""``inexact`` is within what the package lets pass, and not as near as float32 gets; ``throws`` is in the browser; ``refused``
is said by the converter; ``failed``: the converter broke."""

COARSE_DB = 30.0
"""Against an original in bfloat16, of 8 bits, after a few roundings: the browser computes in float32."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """On one backend. ``sqnr_db`` is None where it is exact, or not a matter of numbers."""

    status: str
    sqnr_db: float | None = None
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of one artifact on every backend it was meant for; ``said`` is the converter's, where there is no artifact."""

    status: str
    said: str = ""
    backends: dict[str, Verdict] = field(default_factory=dict)


def judge(
    reference: Mapping[str, Any],
    answer: Answer,
    backend: Backend,
    *,
    names: Sequence[str] | None,
    random: bool,
    coarse: bool,
) -> Verdict:
    """``names`` are the reference's outputs in the order of the artifact's, where those have others."""
    if answer.outputs is None:
        return Verdict(status="throws", said=f"{answer.stage}: {answer.said}")
    outputs = answer.outputs
    if names is not None and len(names) == len(outputs):
        outputs = dict(zip(names, outputs.values(), strict=True))
    if random:
        return _alike(reference, outputs)
    limits = conversion_tolerances(backend, {}).sqnr_db
    error, warn = (COARSE_DB, COARSE_DB) if coarse else (limits.error, limits.warn or limits.error)
    found = [_judged(each, error, warn) for each in compare_outputs([reference], [outputs], topk=False)]
    worst = max(found, key=lambda each: (STATUSES.index(each.status), -_db(each)))
    measured = [each.sqnr_db for each in found if each.sqnr_db is not None]
    return Verdict(status=worst.status, sqnr_db=min(measured, default=None), said=worst.said)


def _db(verdict: Verdict) -> float:
    return math.inf if verdict.sqnr_db is None else verdict.sqnr_db


def _judged(output: OutputComparison, error: float, warn: float) -> Verdict:
    if output.problem is not None:
        return Verdict(status="wrong", said=f"{output.output}: {output.problem}")
    if output.exact:
        return Verdict(status="right")
    if output.sqnr_db is None:
        right = output.max_abs is not None and output.max_abs <= ZERO_REFERENCE_MAX_ABS
        return Verdict(
            status="right" if right else "wrong", said="" if right else f"{output.output}: {output.max_abs} for 0"
        )
    text = f"{output.output}: {output.sqnr_db:.1f} dB, off by {output.max_abs:.2g}"
    if RUNTIME_DTYPE[output.dtype] not in {"float32", "complex64"}:
        return Verdict(status="wrong", sqnr_db=output.sqnr_db, said=f"{text} ({output.dtype})")
    if output.sqnr_db < error:
        return Verdict(status="wrong", sqnr_db=output.sqnr_db, said=text)
    if output.sqnr_db < warn:
        return Verdict(status="inexact", sqnr_db=output.sqnr_db, said=text)
    return Verdict(status="right", sqnr_db=output.sqnr_db)


def _alike(reference: Mapping[str, Any], outputs: Mapping[str, Any]) -> Verdict:
    """What is random has its shape and dtype alone."""
    for name, wanted in reference.items():
        found = outputs.get(name)
        if found is None:
            return Verdict(status="wrong", said=f"{name}: missing")
        expected = RUNTIME_DTYPE.get(str(np.asarray(wanted).dtype), "string")
        dtype = "string" if found.dtype == object else str(found.dtype)
        if found.shape != wanted.shape or dtype != expected:
            return Verdict(status="wrong", said=f"{name}: {dtype} {found.shape}, not {expected} {wanted.shape}")
    return Verdict(status="right")


def together(backends: dict[str, Verdict]) -> Outcome:
    """The worst of the backends is the artifact's."""
    worst = max(backends.values(), key=lambda each: STATUSES.index(each.status), default=Verdict(status="right"))
    return Outcome(status=worst.status, backends=backends)
