"""Graphs that rewriting once got wrong, each made small: found by random graphs, or by reading what those didn't reach."""

from __future__ import annotations

import numpy as np
import pytest
from graph_draft import Draft, weights
from keeps_numbers import assert_exact, assert_verified
from lowering_cases import Example, floats

from tfjsci.graph.graph import DType

INT = DType("int32")


def assert_kept(example: Example) -> None:
    """By each stage and rule, and as a run verifies it."""
    assert_exact(example)
    assert_verified(example)


def test_a_constant_of_more_dimensions_than_what_is_joined_lifts_it() -> None:
    """lift_from_join gave each part a flat one."""
    draft = Draft()
    x = draft.input("x", (2, 3))
    parts = [draft.matmul(f"m{i}", x, draft.const(f"w{i}", weights(3, 2, seed=i))) for i in range(2)]
    joined = draft.typed("ConcatV2", "j", *parts, draft.const("axis", np.array(1, np.int32)), N=2, Tidx=INT)
    y = draft.typed("Mul", "y", joined, draft.const("c", weights(1, 1, 4)))
    assert_kept(Example(graph=draft.graph(y), inputs={"x": floats(2, 3)}))


def test_a_constant_of_more_dimensions_than_what_is_squeezed_lifts_it() -> None:
    """sink_squeeze allowed three dimensions whatever was left."""
    draft = Draft()
    y = draft.typed("Squeeze", "s", draft.input("x", (2, 1, 1, 4)), squeeze_dims=(1, 2))
    y = draft.typed("AddV2", "y", y, draft.const("c", weights(1, 1, 4)))
    assert_kept(Example(graph=draft.graph(y), inputs={"x": floats(2, 1, 1, 4)}))


def test_slopes_of_more_dimensions_than_what_is_bent_lift_it() -> None:
    """prelu_spellings took their ones away."""
    draft = Draft()
    x = draft.input("x", (2, 4))
    down = draft.typed("Mul", "down", draft.const("a", np.abs(weights(1, 1, 4))), draft.typed("Neg", "n", x))
    y = draft.typed("AddV2", "y", draft.typed("Relu", "r", x), draft.typed("Relu", "d", down))
    slope = draft.typed("Mul", "slope", x, draft.const("b", np.abs(weights(1, 1, 4)) / 2))
    z = draft.typed("Maximum", "z", x, slope)
    assert_kept(Example(graph=draft.graph(y, z), inputs={"x": floats(2, 4)}))


def test_a_bias_of_channels_first_behind_rows_that_are_an_image_again() -> None:
    """sink_reshape took it for one along the last axis, as long as the height."""
    draft = Draft()
    y = draft.matmul("m", draft.input("x", (8, 3)), draft.const("w", weights(3, 4)))
    y = draft.typed("Reshape", "r", y, draft.const("s", np.array([1, 4, 2, 4], np.int32)), Tshape=INT)
    y = draft.bias_add("y", y, draft.const("b", weights(4)), data_format=b"NCHW")
    assert_kept(Example(graph=draft.graph(y), inputs={"x": floats(8, 3)}))


@pytest.mark.parametrize("behind", ["Conv2D", "MaxPool", "AvgPool", "Relu"])
def test_a_bias_of_channels_first_beside_what_has_them_last(behind: str) -> None:
    """Rules about x * s + t took the t of an NCHW BiasAdd for one along the last axis; height and channels are equal here."""
    draft = Draft()
    x = draft.typed("Mul", "m", draft.input("x", (2, 4, 4, 4)), draft.const("s", np.abs(weights(4))))
    x = draft.bias_add("b", x, draft.const("t", weights(4, seed=1)), data_format=b"NCHW")
    if behind == "Relu":
        x = draft.typed("Relu", "r", x)
    elif behind != "Conv2D":
        attrs = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": b"VALID", "data_format": b"NHWC"}
        x = draft.typed(behind, "p", x, **attrs)
    y = draft.conv("y", x, draft.const("w", weights(2, 2, 4, 3)), padding="VALID")
    assert_kept(Example(graph=draft.graph(y), inputs={"x": floats(2, 4, 4, 4)}))
