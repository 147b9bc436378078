"""The trained models with their samples, made once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..zoo.places import ROOT
from .places import samples_of

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Arrays whose first axis counts the samples. ``reference`` is what TensorFlow makes of ``held``."""

    input_name: str
    output_name: str
    calibration: Array
    held: Array
    labels: Array
    reference: Array


def samples(name: str) -> Samples:
    """The samples of the model, which is trained now unless it is there."""
    if not samples_of(name).exists():
        subprocess.run([sys.executable, "-m", "benchmarks.trained.train", name], check=True, cwd=ROOT)
    kept = np.load(samples_of(name))
    return Samples(
        input_name=str(kept["input_name"]),
        output_name=str(kept["output_name"]),
        **{key: kept[key] for key in ("calibration", "held", "labels", "reference")},
    )


def digest(name: str) -> str:
    """Tells a model trained anew from the one before."""
    samples(name)
    return hashlib.sha256(samples_of(name).read_bytes()).hexdigest()
