"""Where the zoo keeps what it makes: in ``.benchmarks/zoo`` (or below ``TFJSCI_BENCHMARK_CACHE``), so that a run goes on."""

from __future__ import annotations

import os
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
CACHE = Path(os.environ.get("TFJSCI_BENCHMARK_CACHE", ROOT / ".benchmarks"))
ZOO = CACHE / "zoo"


def plain(name: str) -> str:
    """A net's name as a file's."""
    return name.replace(" ", "-").replace(",", "")


def model_of(net: str) -> Path:
    """The net's SavedModel."""
    return ZOO / "models" / plain(net)


def reference_of(net: str) -> Path:
    """One input and TensorFlow's output for it (npz), beside the SavedModel."""
    return ZOO / "models" / f"{plain(net)}.npz"


def artifact_of(net: str, who: str) -> Path:
    """The net's artifact by one of the converters."""
    return ZOO / "artifacts" / who / plain(net)
