"""The metrics of fidelity by name: how each is called, which way is better, and how its numbers are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Metric:
    """How a metric of fidelity is called, held and shown. ``floor``: the limit is the least allowed."""

    title: str
    floor: bool
    unit: str = ""

    digits: int = 3

    def missed(self, value: float, limit: float) -> bool:
        """Whether ``value`` is on the wrong side of ``limit``; on the limit is right."""
        return value < limit if self.floor else value > limit

    def show(self, value: float) -> str:
        """The number as reports have it."""
        return f"{value:.3g} dB" if self.unit == "dB" else f"{value:.{self.digits}g}"

    def limit(self, value: float) -> str:
        """A limit as round as it was written."""
        return limit_text(self.show(value))


METRICS = {
    "sqnr_db": Metric(title="SQNR", floor=True, unit="dB"),
    "cosine": Metric(title="cosine similarity", floor=True, digits=6),
    "top1": Metric(title="top-1 agreement", floor=True),
    "top5": Metric(title="top-5 agreement", floor=True),
    "max_abs": Metric(title="largest difference", floor=False),
    "max_relative": Metric(title="largest difference relative to the range", floor=False),
    "rmse": Metric(title="RMSE", floor=False),
    "psnr_db": Metric(title="PSNR", floor=True, unit="dB"),
    "kl": Metric(title="KL divergence", floor=False),
    "mismatch": Metric(title="share of mismatching values", floor=False),
    "accuracy": Metric(title="accuracy", floor=True),
    "accuracy_drop": Metric(title="loss of accuracy", floor=False),
}

LIMITED = tuple(name for name in METRICS if not name.startswith("accuracy"))
"""What can be limited without labels."""


def limit_text(shown: str) -> str:
    """``50.0 ms`` -> ``50 ms``: a limit is as round as it was written."""
    return re.sub(r"\.(\d*?)0+(?= |$)", lambda found: f".{found[1]}" if found[1] else "", shown)
