"""Tensors that are made of weights alone: put together, cut or scaled by a kernel, once in each inference.

A rule that has such a node made, instead of a new weight, leaves the stored one as it was: its bytes, its name, and how well
it is quantised. ``quantize/channels.py`` looks through these ops, and ``calibrate/plain_ops.py`` takes them apart.
"""

from __future__ import annotations

from tfjsci.graph.graph import Graph, node_of

OPS = frozenset({"ExpandDims", "Mul", "Pack", "Slice"})
FURTHEST = 4
"""Such nodes behind one another."""


def is_of_weights(graph: Graph, tensor: str, *, left: int = FURTHEST) -> bool:
    """Whether it is a weight, or made of nothing else."""
    made = graph[node_of(tensor)]
    if made.op == "Const":
        return True
    return bool(made.op in OPS and left and all(is_of_weights(graph, each, left=left - 1) for each in made.inputs))
