"""Two sets of outputs against each other, as numbers without arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.dtypes import Backend, NarrowFloat

Kind = Literal["conversion", "quantized", "backends"]
"""``conversion``: TensorFlow against the float artifact; ``quantized``: float against a quantised one, same backend;
``backends``: float on one backend against float on another."""


@dataclass(frozen=True, kw_only=True)
class MetricValue:
    """What a metric of the user's gave for one output."""

    name: str
    value: float


@dataclass(frozen=True, kw_only=True)
class OutputComparison:
    """One output of the candidate against the reference, over all samples.

    ``max_relative`` is max(abs(candidate - reference)) / (max(reference) - min(reference)), or None when the reference
    is constant. ``sqnr_db`` is 10·log10(Σ reference² / Σ (candidate - reference)²): None when the reference is all
    zero, and also None with ``exact`` when there is no difference at all. ``cosine`` is None when the reference is all
    zero, and 0 when the candidate alone is. ``top1`` and ``top5`` are the share of
    samples whose best (five best) classes agree, None where they aren't asked for or make no sense.

    ``psnr_db`` is 20·log10((max(reference) - min(reference)) / rmse): None without a range, or without a difference. ``kl`` is
    Kullback and Leibler's divergence in nats, the mean over rows: None where the reference's rows are no probabilities.
    ``mismatch`` is the share of values with abs(candidate - reference) > ``atol`` + ``rtol`` · abs(reference). ``accuracy`` and
    ``reference_accuracy`` are the share of ``labels`` labels whose class is the best one, None without labels.

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
    psnr_db: float | None = None
    kl: float | None = None
    mismatch: float | None = None
    atol: float | None = None
    rtol: float | None = None
    accuracy: float | None = None
    reference_accuracy: float | None = None
    labels: int = 0
    metrics: tuple[MetricValue, ...] = ()
    """The user's own."""

    @property
    def nothing_finite(self) -> bool:
        """Whether every value is NaN or infinite, alike on both sides: ``exact``, and yet nothing was compared."""
        return self.exact and self.max_abs is None and bool(self.nan + self.inf)

    @property
    def accuracy_drop(self) -> float | None:
        """How much of the reference's accuracy is gone; below 0 where the candidate is better."""
        if self.accuracy is None or self.reference_accuracy is None:
            return None
        return self.reference_accuracy - self.accuracy


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All outputs of one variant on one backend. ``against``: the other backend of the kind ``backends``.

    ``narrow``: of the kind ``conversion``, what the original computes in, where that has fewer digits than float32.
    """

    kind: Kind
    variant: str
    outputs: tuple[OutputComparison, ...]
    environment: BackendEnvironment
    against: Backend | None = None
    narrow: NarrowFloat | None = None
