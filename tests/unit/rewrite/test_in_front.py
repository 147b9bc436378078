from __future__ import annotations

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.in_front import scale_ends_in_front

CHANNELS = 6


def conv(draft: Draft) -> str:
    return draft.conv("conv", draft.input("x", (1, 4, 4, 3)), draft.const("w", weights(1, 1, 3, CHANNELS)))


def ends(draft: Draft, last: str, *outputs: str) -> bool:
    """Whether a factor on ``last``, for the one node that reads it, would end in a kernel."""
    return scale_ends_in_front(draft.graph(draft.typed("Tanh", "reader", last), *outputs), last, {"reader"})


def test_a_layer_takes_it_in() -> None:
    draft = Draft()
    assert ends(draft, conv(draft))


@pytest.mark.parametrize("op", ["AddV2", "Mul", "BiasAdd"])
@pytest.mark.parametrize("shape", [(), (CHANNELS,), (1, 1, 1, CHANNELS)])
def test_past_a_constant(op: str, shape: tuple[int, ...]) -> None:
    draft = Draft()
    assert ends(draft, draft.typed(op, "next", conv(draft), draft.const("c", weights(*shape) if shape else 2.0)))


def test_past_a_batch_norm_and_a_reshape() -> None:
    draft = Draft()
    norm = draft.norm("norm", conv(draft), *(draft.const(f"s{i}", weights(CHANNELS)) for i in range(4)))
    shape = draft.const("shape", np.array([-1, CHANNELS], np.int32))
    assert ends(draft, draft.typed("Reshape", "rows", norm, shape))


class TestNo:
    def test_an_input(self) -> None:
        draft = Draft()
        assert not ends(draft, draft.input("x", (1, 3)))

    @pytest.mark.parametrize("op", ["Relu", "Sigmoid", "Softmax"])
    def test_behind_an_activation(self, op: str) -> None:
        draft = Draft()
        assert not ends(draft, draft.typed(op, "next", conv(draft)))

    def test_a_norm_of_the_batch(self) -> None:
        draft = Draft()
        statistics = [draft.const(f"s{i}", weights(CHANNELS)) for i in range(4)]
        assert not ends(draft, draft.norm("norm", conv(draft), *statistics, training=True))

    def test_a_sum_of_two(self) -> None:
        draft = Draft()
        assert not ends(draft, draft.typed("AddV2", "sum", conv(draft), draft.typed("Relu", "r", "x")))

    def test_a_kernel_that_is_computed(self) -> None:
        draft = Draft()
        w = draft.typed("Neg", "negative", draft.const("w", weights(1, 1, 3, CHANNELS)))
        assert not ends(draft, draft.conv("conv", draft.input("x", (1, 4, 4, 3)), w))

    def test_a_constant_that_differs_by_place(self) -> None:
        draft = Draft()
        assert not ends(draft, draft.typed("AddV2", "next", conv(draft), draft.const("c", weights(4, 1))))

    @pytest.mark.parametrize("other", ["conv", "next"])
    def test_where_it_is_an_output(self, other: str) -> None:
        draft = Draft()
        assert not ends(draft, draft.typed("AddV2", "next", conv(draft), draft.const("c", 2.0)), other)

    @pytest.mark.parametrize("other", ["conv", "next"])
    def test_where_somebody_else_reads_it(self, other: str) -> None:
        draft = Draft()
        last = draft.typed("AddV2", "next", conv(draft), draft.const("c", 2.0))
        assert not ends(draft, last, draft.typed("Relu", "other", other))

    def test_farther_than_it_looks(self) -> None:
        draft = Draft()
        x = conv(draft)
        for i in range(9):
            x = draft.typed("AddV2", f"a{i}", x, draft.const(f"c{i}", 1.0))
        assert not ends(draft, x)

    def test_another_output_of_a_node(self) -> None:
        draft = Draft()
        conv(draft)
        draft.op("Split", "split", draft.const("axis", np.int32(3)), "conv", num_split=2)
        graph: Graph = draft.graph(draft.typed("Tanh", "reader", "split:1"))
        assert not scale_ends_in_front(graph, "split:1", {"reader"})
