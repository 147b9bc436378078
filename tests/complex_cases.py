"""Examples about complex numbers, which a browser can't be given on every backend: their parts go in and come out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from lowering_cases import Example, floats, one_op

from tfjsci.graph.graph import Array, DType, Graph, Node, TensorType
from tfjsci.graph.graphdef import infer_types

PART = {"complex64": "float32", "complex128": "float64"}


def complexes(*shape: int, seed: int = 0) -> Array:
    """complex64 values, no two alike."""
    made = np.empty(shape, np.complex64)
    made.real, made.imag = floats(*shape, seed=seed), floats(*shape, seed=seed + 1000)
    return made


def complex_op(op: str, *inputs: Any, **options: Any) -> Example:
    """``one_op`` in parts."""
    return in_parts(one_op(op, *inputs, **options))


def in_parts(example: Example) -> Example:
    """Each complex Placeholder made of two real ones, each complex output taken apart by Real and Imag."""
    nodes: list[Node] = []
    fed = dict(example.inputs)
    for node in example.graph:
        dtype = node.attrs.get("dtype")
        if node.op != "Placeholder" or not isinstance(dtype, DType) or dtype.name not in PART:
            nodes.append(node)
            continue
        value, part = fed.pop(node.name), DType(PART[dtype.name])
        for name, array in (("real", value.real), ("imag", value.imag)):
            nodes.append(Node(name=node.name + name, op="Placeholder", attrs={**node.attrs, "dtype": part}))
            fed[node.name + name] = np.array(array)
        parts = (node.name + "real", node.name + "imag")
        nodes.append(Node(name=node.name, op="Complex", inputs=parts, attrs={"T": part, "Tout": dtype}))
    types = infer_types(example.graph)
    outputs: list[str] = []
    for tensor in example.graph.outputs:
        known: TensorType | None = types.get(tensor)
        if known is None or known.dtype not in PART:
            outputs.append(tensor)
            continue
        for op in ("Real", "Imag"):
            name = f"{tensor.replace(':', '_')}_{op}"
            attrs = {"T": DType(known.dtype), "Tout": DType(PART[known.dtype])}
            nodes.append(Node(name=name, op=op, inputs=(tensor,), attrs=attrs))
            outputs.append(name)
    graph = Graph(nodes=tuple(nodes), outputs=tuple(outputs), constants=example.graph.constants)
    return replace(example, graph=graph, inputs=fed)
