"""What came of verifying a rewriting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["same", "different", "unverified"]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Whether the rewritten graph computes what the original one does, both in TensorFlow.

    ``sqnr_db`` is the worst float output's, None where nothing differs. Of numbers that are ``different``, ``output`` is where
    they differ most, ``stage`` the first stage of rewriting after which they do, and ``rules`` what in it makes the difference
    (empty where it is the stage itself). ``reason`` says how they differ, or why nothing could be verified.
    """

    status: Status
    reason: str | None = None
    sqnr_db: float | None = None
    output: str | None = None
    stage: str | None = None
    rules: tuple[str, ...] = ()
