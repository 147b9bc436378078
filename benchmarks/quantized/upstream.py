"""Upstream's variants of a trained model, made once: all weights in one of its dtypes."""

from __future__ import annotations

import os
import subprocess

from ..trained.places import model_of
from ..zoo.places import BENCHMARKS, ROOT
from ..zoo.upstream import upstream_python
from .places import artifact_of
from .variants import UPSTREAM


def convert(net: str) -> None:
    """Make what isn't there. Raises ``CalledProcessError`` with what upstream said when it refuses."""
    missing = [
        folder for dtype in UPSTREAM if not ((folder := artifact_of(net, "upstream", dtype)) / "model.json").exists()
    ]
    if missing:
        subprocess.run(
            [upstream_python(), BENCHMARKS / "drivers" / "upstream_quantized.py", model_of(net), *missing],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"},
            check=True,
            stdout=subprocess.DEVNULL,
        )
