"""Whether a factor on a tensor would end in the kernel of a layer in front of it.

A rule that has such a factor to give away asks here first: what doesn't end in a kernel is one more multiplication.
"""

from __future__ import annotations

from collections.abc import Set

from tfjsci.graph.graph import Graph, Node, node_of, normal
from tfjsci.rewrite.affine import ADDITIONS, along_channels
from tfjsci.rewrite.channels import LINEAR, not_linear
from tfjsci.rewrite.pattern import ops_in

FURTHEST = 8
"""Ops that are looked through for a kernel."""

_AFFINE = ops_in(ADDITIONS) | {"Mul"}
_NORMS = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
_RESHAPING = frozenset({"Reshape", "Squeeze"})


def scale_ends_in_front(graph: Graph, tensor: str, readers: Set[str]) -> bool:
    """Whether one number that ``tensor`` is multiplied by ends in a kernel; ``readers`` are the only ones that it would be for.

    Between the two may be biases, batch norms and reshapes; nobody else may read what lies there.
    """
    name, allowed = tensor, set(readers)
    for _ in range(FURTHEST):
        node = graph[node_of(name)]
        if normal(name) != node.name or node.name in map(node_of, graph.outputs):
            return False
        if any(reader.name not in allowed for reader in graph.readers.get(node.name, ())):
            return False
        if node.op in ops_in(LINEAR):
            kernel = graph.constant(node.inputs[1])
            return kernel is not None and not_linear(node, kernel.value) is None
        below = _below(graph, node)
        if below is None:
            return False
        name, allowed = below, {node.name}
    return False


def _below(graph: Graph, node: Node) -> str | None:
    """What a factor would move on to, or None where it can't."""
    if node.op in _AFFINE:
        first, second = node.inputs
        for x, other in ((first, second), (second, first)):
            constant = graph.constant(other)
            if constant is not None and along_channels(constant.value):
                return x
        return None
    if node.op in _NORMS and not node.attrs.get("is_training"):
        return node.inputs[0]
    return node.inputs[0] if node.op in _RESHAPING else None
