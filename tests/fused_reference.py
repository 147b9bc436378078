"""What a graph computes, fused ops included: each is taken apart into plain ops, and TensorFlow runs the rest."""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Graph
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.unfused import ACTIVATIONS, unfused
from tfjsci.verify.run import run_graph

__all__ = ["ACTIVATIONS", "assert_same_numbers", "outputs_of", "unfused"]


def outputs_of(graph: Graph, **inputs: Array) -> list[Array]:
    """The values of the graph's outputs for ``inputs`` by Placeholder name."""
    return run_graph(graph, inputs, evaluate_in_tensorflow)


def assert_same_numbers(before: Graph, after: Graph, *, rtol: float = 1e-5, **inputs: Array) -> None:
    """Both graphs give the same outputs, to ``rtol`` of the largest number (float32 has 6e-8 a step)."""
    for wanted, found in zip(outputs_of(before, **inputs), outputs_of(after, **inputs), strict=True):
        assert wanted.shape == found.shape
        assert wanted.dtype == found.dtype
        np.testing.assert_allclose(found, wanted, rtol=0, atol=rtol * (np.abs(wanted).max(initial=0) or 1))
