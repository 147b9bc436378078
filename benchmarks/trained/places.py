"""Where the trained models are kept: in ``.benchmarks/trained`` (or below ``TFJSCI_BENCHMARK_CACHE``), so that a run goes on."""

from __future__ import annotations

from pathlib import Path

from ..zoo.places import CACHE, plain

TRAINED = CACHE / "trained"


def model_of(name: str) -> Path:
    """The trained model's SavedModel."""
    return TRAINED / "models" / plain(name)


def samples_of(name: str) -> Path:
    """What it is measured on (npz): see :class:`benchmarks.trained.models.Samples`. Written last: where it is, all is there."""
    return TRAINED / "models" / f"{plain(name)}.npz"
