"""Everything that can be missed: thresholds of comparisons, budgets, and what else ``level`` knows by name."""

from __future__ import annotations

from typing import Literal, get_args

ThresholdName = Literal[
    "sqnr_db", "cosine", "top1", "top5", "max_abs", "max_relative", "rmse", "psnr_db", "kl", "mismatch", "accuracy",
    "accuracy_drop",
]  # fmt: skip
BudgetName = Literal["download_bytes", "gzip_bytes", "brotli_bytes", "load_ms", "first_inference_ms", "steady_ms"]
Gate = Literal[ThresholdName, "metric", BudgetName, "leak"]

THRESHOLDS: tuple[ThresholdName, ...] = get_args(ThresholdName)
BUDGETS: tuple[BudgetName, ...] = get_args(BudgetName)
GATES: tuple[Gate, ...] = get_args(Gate)
"""Everything that can be missed; the keys of ``level``."""
