"""The original model's answers, from TensorFlow: what every artifact is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tfjsci.errors import ReferenceFailed
from tfjsci.graph.graph import Array
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.loaded import LoadedGraph


def run_reference(loaded: LoadedGraph, samples: Sequence[Mapping[str, Array]]) -> list[dict[str, Array]]:
    """The outputs by name for each call of ``samples``. Raises ``ReferenceFailed`` with TensorFlow's first line."""
    tf = tensorflow()
    try:
        return [{name: np.asarray(value) for name, value in loaded.original(sample).items()} for sample in samples]
    except (tf.errors.OpError, ValueError, TypeError, RuntimeError) as error:
        shapes = ", ".join(f"{name} {list(np.shape(value))}" for name, value in samples[0].items())
        said = _reason(error)
        raise ReferenceFailed(
            f"the original model fails in TensorFlow on these inputs ({shapes}): {said[:500]}",
            hint="Give it inputs that it can take: shapes: for dynamic dimensions, random: ranges: for indices, or files.",
        ) from error


_WHERE = ("Graph execution error", "Detected at node", "<stack traces")
"""How the lines begin that say where TensorFlow noticed it; indented ones are its stack."""


def _reason(error: BaseException) -> str:
    """The line that says what is wrong: the first, or of a graph's execution the last that isn't about where."""
    lines = (str(error).strip() or type(error).__name__).splitlines()
    if not lines[0].startswith(_WHERE[0]):
        return lines[0]
    told = [line for line in lines if line.strip() and not line[0].isspace() and not line.startswith(_WHERE)]
    return told[-1] if told else lines[0]
