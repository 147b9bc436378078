"""Weights as they will be in the browser, in a graph that TensorFlow can run."""

from __future__ import annotations

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.graph.graph import FunctionBody, Graph
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.simulated import with_values


def graph() -> Graph:
    """A weight of a loop's body, and two outside."""
    inside = Draft()
    x, w = inside.input("x"), inside.const("w", weights(8, 16))
    body = FunctionBody(name="body", inputs=(x,), graph=inside.graph(inside.matmul("y", x, w)))
    draft = Draft()
    first = draft.matmul("first", draft.input("a"), draft.const("v", weights(8, 8), sources=("dense/kernel",)))
    draft.const("other", weights(4))
    return draft.graph(draft.op("While", "loop", first), "other", functions={"body": body})


def test_codes_and_arrays_take_the_weights_places() -> None:
    before = graph()
    codes = quantize_weight(before.constants["v"].value, Scheme(name="int4"), axes=(1,))
    after = with_values(before, {"v": codes, "w": np.zeros((8, 16))})
    np.testing.assert_array_equal(after.constants["v"].value, codes.values())
    assert after.constants["v"].sources == ("dense/kernel",)
    inside = after.functions["body"].graph.constants["w"].value
    assert (inside.dtype.name, inside.any()) == ("float32", False)
    assert after.constants["other"] is before.constants["other"]
    assert after.nodes == before.nodes


def test_nothing_to_replace_is_the_same_graph() -> None:
    before = graph()
    assert with_values(before, {}) is before


def test_the_array_handed_in_stays_writeable() -> None:
    mine = np.zeros((8, 8), np.float32)
    with_values(graph(), {"v": mine})
    mine[0] = 1


def test_what_fits_no_weight() -> None:
    with pytest.raises(KeyError, match="no weight is named 'kernel'"):
        with_values(graph(), {"kernel": np.zeros(3)})
    with pytest.raises(ValueError, match=r"v has the shape \(8, 8\), not \(8, 9\)"):
        with_values(graph(), {"v": np.zeros((8, 9))})
