"""The nets' SavedModels with a reference each, made once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .places import ROOT, reference_of


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One call in TensorFlow: arrays by signature name."""

    inputs: dict[str, npt.NDArray[np.generic]]
    outputs: dict[str, npt.NDArray[np.generic]]


def make_model(name: str) -> None:
    """Make the SavedModel and its reference, unless they are there."""
    if not reference_of(name).exists():
        subprocess.run([sys.executable, "-m", "benchmarks.zoo.make_model", name], check=True, cwd=ROOT)


def reference(name: str) -> Reference:
    """What was drawn and what came out."""
    kept = np.load(reference_of(name))
    return Reference(
        inputs={str(kept["input_name"]): kept["input"]}, outputs={str(kept["output_name"]): kept["output"]}
    )
