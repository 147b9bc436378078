"""What of a graph is float noise: how coarse it computes, what rests on floats, and each weight off by its last bit."""

from __future__ import annotations

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.verify.noise import coarsest_float, rests_on_floats, with_noise


def casting(source: str, target: str) -> Graph:
    draft = Draft(source)
    w = draft.op("Identity", "read", draft.const("w", [0.3]), T=DType(source))
    y = draft.op("Cast", "y", w, SrcT=DType(source), DstT=DType(target))
    return draft.graph(y)


@pytest.mark.parametrize(
    ("source", "target", "coarsest"),
    [
        ("float32", "float64", "float32"),
        ("float16", "float32", "float32"),  # a weight that is only stored so
        ("float32", "float16", "float16"),
    ],
)
def test_the_coarsest_float_that_is_computed_in(source: str, target: str, coarsest: str) -> None:
    assert coarsest_float(casting(source, target)) == coarsest


def test_bfloat16_is_coarser_than_float16() -> None:
    draft = Draft("float16")
    half = draft.typed("Neg", "n", draft.input("x"))
    assert coarsest_float(draft.graph(half)) == "float16"
    draft.op("Neg", "m", half, T=DType("bfloat16"))
    assert coarsest_float(draft.graph("m")) == "bfloat16"


def test_what_rests_on_floats() -> None:
    draft = Draft()
    axis = draft.const("axis", np.array(0, np.int32))
    best = draft.op("ArgMax", "best", draft.input("x"), axis, T=DType("float32"), output_type=DType("int32"))
    whole = Draft("int32")
    graph = draft.graph(best)
    assert rests_on_floats(graph, "best")
    assert not rests_on_floats(graph, "axis")
    assert not rests_on_floats(whole.graph(whole.typed("Neg", "y", whole.input("x"))), "y")


def test_noise_is_in_the_last_bit_of_what_has_a_fraction() -> None:
    draft = Draft()
    values = [0.0, 1.0, -3.0, np.inf, 0.3, 1e-20, 1e20]
    draft.const("w", values)
    draft.const("n", np.arange(5, dtype=np.int32))
    graph = draft.graph(draft.typed("Neg", "y", "w"))
    noisy, inputs = with_noise(graph, {"x": np.float32([0.7, 2.0])}, seed=1)
    before, after = graph.constants["w"].value, noisy.constants["w"].value
    assert (after[:4] == before[:4]).all(), "whole numbers are indices, sizes and bounds"
    assert after.dtype == np.float32
    assert (after[4:6] != before[4:6]).all()
    assert (np.abs(after[4:] / before[4:] - 1) < 2.0**-22).all()
    assert noisy.constants["n"].value is graph.constants["n"].value
    assert inputs["x"][1] == 2.0
    again, _ = with_noise(graph, {}, seed=1)
    assert (again.constants["w"].value == after).all(), "the same in every run"
