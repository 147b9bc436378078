"""The original model's answers, from TensorFlow: what every artifact is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tfjsci.errors import ReferenceFailed
from tfjsci.graph.complaint import complaint
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
        said = complaint(error)
        raise ReferenceFailed(
            f"the original model fails in TensorFlow on these inputs ({shapes}): {said[:500]}",
            hint="Give it inputs that it can take: shapes: for dynamic dimensions, random: ranges: for indices, or files.",
        ) from error
