"""The inputs or the outputs of a SavedModel's signature, by its protobuf."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tfjsci.graph.shape_proto import shape_in
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.signature import TensorSpec


def specs_in(entries: Mapping[str, Any]) -> tuple[TensorSpec, ...]:
    """What ``SignatureDef.inputs`` or ``outputs`` tell; the file keeps no order, so by name, numbers as numbers.

    Raises ``TypeError`` for a dtype that TensorFlow hasn't got.
    """
    tf = tensorflow()
    return tuple(
        TensorSpec(name=key, tensor=info.name, dtype=tf.as_dtype(info.dtype).name, shape=shape_in(info.tensor_shape))
        for key, info in sorted(entries.items(), key=lambda item: _natural(item[0]))
    )


def _natural(text: str) -> list[tuple[int, str]]:
    """``output_10`` after ``output_9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]
