"""An evaluator of a few ops in numpy: for tests that need numbers, and not TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array, Graph, TensorType, dtype_name, normal
from tfjsci.rewrite.fold_constants import NotComputable

OPS: dict[str, Callable[..., Any]] = {
    "AddV2": np.add,
    "ArgMax": lambda x, axis: np.argmax(x, int(axis)),
    "BiasAdd": np.add,
    "Identity": lambda x: x,
    "MatMul": np.matmul,
    "Maximum": np.maximum,
    "Mul": np.multiply,
    "Neg": np.negative,
    "Relu": lambda x: np.maximum(x, 0),
    "Sub": np.subtract,
}


def evaluate_in_numpy(graph: Graph, tensors: Sequence[str]) -> list[Array]:
    """The values of ``tensors``. Raises ``NotComputable`` for an op that isn't in ``OPS``, and a Placeholder without a value."""
    values: dict[str, Any] = {name: constant.value for name, constant in graph.constants.items()}
    for node in graph.nodes:
        if node.name in values:
            continue
        if node.op not in OPS:
            raise NotComputable(f"numpy has no {node.op}")
        values[node.name] = np.asarray(OPS[node.op](*(values[tensor] for tensor in node.inputs)))
    return [np.asarray(values[normal(tensor)]) for tensor in tensors]


def infer_in_numpy(graph: Graph) -> dict[str, TensorType]:
    """Constants as they are; anything else is a float32 of unknown shape."""
    unknown = {node.name: TensorType(dtype="float32", shape=None) for node in graph.nodes}
    known = {
        name: TensorType(dtype=dtype_name(constant.value), shape=constant.value.shape)
        for name, constant in graph.constants.items()
    }
    return {**unknown, **known}
