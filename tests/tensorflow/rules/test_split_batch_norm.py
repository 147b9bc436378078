from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.split_batch_norm import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
X = np.random.default_rng(1).normal(size=(2, 5, 6, 4)).astype(np.float32)


def normed(*between: str, **rest: Any) -> Graph:
    """A norm, what lies between, and a convolution, with the shapes of all."""
    return inferred(untyped(*between, **rest))


def untyped(*between: str, end: str = "conv", sign: int = 1, op: str = "FusedBatchNormV3", **norm: Any) -> Graph:
    draft = Draft()
    names = [
        draft.const(name, value)
        for name, value in {
            "gamma": sign * np.abs(weights(4, seed=1)),
            "beta": weights(4, seed=2),
            "mean": weights(4, seed=3),
            "variance": np.abs(weights(4, seed=4)),
        }.items()
    ]
    y = draft.norm("norm", draft.input("x", (None, 5, 6, 4)), *names, op=op, **norm)
    for step in between:
        y = draft.typed(step, step.lower(), y)
    w = draft.const("w", weights(3, 3, 4, 2))
    y = draft.conv("y", y, w) if end == "conv" else draft.typed(end, "y", y)
    return draft.graph(y)


EXAMPLES = {"before a convolution": normed(), "before a Relu": normed("Relu", op="FusedBatchNorm")}


def test_a_norm_before_a_convolution_is_a_factor_and_a_shift() -> None:
    assert show(after(normed())) == (
        "x = Placeholder()\nnorm/scaled = Mul(x, gamma)\nnorm = AddV2(norm/scaled, beta)\ny = Conv2D(norm, w)\n-> y"
    )


@pytest.mark.parametrize("op", ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"])
@pytest.mark.parametrize("between", [(), ("Relu",)])
def test_keeps_the_numbers(op: str, between: tuple[str, ...]) -> None:
    before = normed(*between, op=op)
    assert_same_numbers(before, after(before), x=X)


def test_a_negative_factor_before_a_convolution() -> None:
    assert_same_numbers(normed(sign=-1), after(normed(sign=-1)), x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("graph", [normed("Sigmoid"), normed(end="Relu"), normed("Relu", sign=-1), normed(sign=0)])
    def test_a_factor_that_no_kernel_takes_in(self, graph: Graph) -> None:
        assert refused(graph) == "no kernel behind could take the factor in"

    def test_training(self) -> None:
        assert "training mode" in refused(normed(training=True))

    def test_channels_that_come_first(self) -> None:
        assert refused(untyped(data_format=b"NCHW")) == "the channels aren't last"

    def test_a_norm_whose_statistics_somebody_reads(self) -> None:
        draft = Draft()
        names = [draft.const(name, np.abs(weights(4, seed=i))) for i, name in enumerate("gbmv")]
        draft.norm("norm", draft.input("x", (None, 5, 6, 4)), *names)
        y = draft.conv("y", "norm", draft.const("w", weights(3, 3, 4, 2)))
        assert refused(inferred(draft.graph(y, "norm:1"))) == ""
