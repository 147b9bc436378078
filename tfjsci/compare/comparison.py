"""Two sets of outputs against each other, as numbers without arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfjsci.browser.protocol import BackendEnvironment

Kind = Literal["conversion", "quantized"]
"""``conversion``: TensorFlow against the float artifact; ``quantized``: float against a quantised one, same backend."""


@dataclass(frozen=True, kw_only=True)
class OutputComparison:
    """One output of the candidate against the reference, over all samples.

    ``max_relative`` is max(abs(candidate - reference)) / (max(reference) - min(reference)), or None when the reference
    is constant. ``sqnr_db`` is 10·log10(Σ reference² / Σ (candidate - reference)²): None when the reference is all
    zero, and also None with ``exact`` when there is no difference at all. ``cosine`` is None when the reference is all
    zero, and 0 when the candidate alone is. ``top1`` and ``top5`` are the share of
    samples whose best (five best) classes agree, None where they aren't asked for or make no sense.
    ``problem`` says why there are no numbers: missing, another shape or dtype, NaN or Inf on one side alone.
    """

    output: str
    shape: tuple[int, ...]
    dtype: str
    problem: str | None = None
    exact: bool = False
    max_abs: float | None = None
    max_relative: float | None = None
    rmse: float | None = None
    sqnr_db: float | None = None
    cosine: float | None = None
    top1: float | None = None
    top5: float | None = None
    samples: int = 0
    nan: int = 0
    """NaNs in the candidate."""
    inf: int = 0
    """Infinities in the candidate."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All outputs of one variant on one backend."""

    kind: Kind
    variant: str
    outputs: tuple[OutputComparison, ...]
    environment: BackendEnvironment
