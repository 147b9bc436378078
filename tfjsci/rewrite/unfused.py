"""Fused ops taken apart (:mod:`tfjsci.graph.unfused`), for who evaluates graphs: what has no meaning can't be computed."""

from __future__ import annotations

from tfjsci.graph.graph import Graph
from tfjsci.graph.unfused import ACTIVATIONS, LINEAR, FusionError, take_apart
from tfjsci.rewrite.fold_constants import NotComputable

__all__ = ["ACTIVATIONS", "LINEAR", "unfused"]


def unfused(graph: Graph) -> Graph:
    """The same graph with each fused op as a linear op, a BiasAdd and an activation. The types aren't kept.

    Raises ``NotComputable`` with the reason when one has no meaning for the runtime.
    """
    try:
        return take_apart(graph)
    except FusionError as error:
        raise NotComputable(str(error)) from error
