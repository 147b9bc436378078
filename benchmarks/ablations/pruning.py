"""Magnitude pruning: the smallest weights are 0, which is one code more often, and so fewer bits to brotli.

Source: Han, Pool, Tran and Dally, "Learning both Weights and Connections for Efficient Neural
Networks" (2015), without training on.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tfjsci.graph.graph import Array, Graph


def pruned(graph: Graph, names: Iterable[str], share: float) -> dict[str, Array]:
    """The weights of these names, that share of each, the smallest, as 0."""
    return {name: _pruned(graph.all_constants[name].value, share) for name in names}


def _pruned(value: Array, share: float) -> Array:
    sizes = np.abs(value)
    least = np.quantile(sizes, share)
    return np.where(sizes < least, np.zeros_like(value), value)
