"""A graph that TensorFlow can run: fused ops taken apart, in functions as well."""

from __future__ import annotations

from dataclasses import replace

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.unfused import unfused


def plain_ops(graph: Graph) -> Graph:
    """The same graph without fused ops; the types of the tensors that there were are kept. Raises ``NotComputable``."""
    functions = {name: replace(body, graph=plain_ops(body.graph)) for name, body in graph.functions.items()}
    return unfused(graph).with_types(graph.types).with_functions(functions)
