from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.pad_into_conv import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)

ONE = np.array([(0, 0), (1, 1), (1, 1), (0, 0)], np.int32)
X = np.random.default_rng(1).normal(size=(2, 5, 6, 4)).astype(np.float32)


def padded(paddings: Any = ONE, *, op: str = "Pad", conv: str = "conv", kernel: Any = None, **attrs: Any) -> Graph:
    draft = Draft()
    p = draft.const("p", np.array(paddings, np.int32))
    extra = (draft.const("v", 0.5),) if op == "PadV2" else ()
    pad = draft.typed(op, "pad", draft.input("x", (None, 5, 6, 4)), p, *extra)
    w = draft.const("w", weights(3, 3, 4, 2) if kernel is None else kernel)
    return draft.graph(getattr(draft, conv)("y", pad, w, **{"padding": "VALID", **attrs}))


def test_the_padding_becomes_an_attribute() -> None:
    result = after(padded(((0, 0), (0, 1), (2, 3), (0, 0))))
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w)\n-> y"
    assert result["y"].attrs["padding"] == b"EXPLICIT"
    assert result["y"].attrs["explicit_paddings"] == (0, 0, 0, 1, 2, 3, 0, 0)
    assert "p" not in result


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("conv", ["conv", "depthwise"])
@given(paddings=st.lists(st.integers(0, 3), min_size=4, max_size=4))
@settings(max_examples=10, deadline=None)
def test_keeps_the_numbers(conv: str, strides: int, paddings: list[int]) -> None:
    before = padded(((0, 0), paddings[:2], paddings[2:], (0, 0)), conv=conv, strides=strides)
    assert_same_numbers(before, after(before), x=X)


def test_keeps_the_numbers_of_a_dilated_convolution() -> None:
    before = padded(dilations=(1, 2, 2, 1))
    assert_same_numbers(before, after(before), x=X)


def test_a_kernel_that_is_computed_is_no_obstacle() -> None:
    draft = Draft()
    pad = draft.typed("Pad", "pad", draft.input("x"), draft.const("p", ONE))
    kernel = draft.typed("Neg", "k", draft.const("w", weights(3, 3, 4, 2)))
    before = draft.graph(draft.conv("y", pad, kernel, padding="VALID"))
    assert_same_numbers(before, after(before), x=X)


def test_a_shared_padding_is_copied_into_each() -> None:
    draft = Draft()
    draft.const("p", ONE)
    draft.const("w", weights(3, 3, 4, 4))
    y = draft.conv("y", draft.typed("Pad", "pad", draft.input("x"), "p"), "w", padding="VALID")
    before = draft.graph(draft.conv("z", draft.typed("Pad", "pad2", y, "p"), "w", padding="VALID"))
    assert show(after(before)) == "x = Placeholder()\ny = Conv2D(x, w)\nz = Conv2D(y, w)\n-> z"
    assert_same_numbers(before, after(before), x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("padding", ["SAME", "EXPLICIT"])
    def test_a_convolution_that_pads_as_well(self, padding: str) -> None:
        assert refused(padded(padding=padding)) == "the convolution pads as well"

    @pytest.mark.parametrize("paddings", [((0, 1), *ONE[1:]), ((1, 0), *ONE[1:]), (*ONE[:3], (0, 1))])
    def test_padding_of_the_batch_or_the_channels(self, paddings: Any) -> None:
        assert refused(padded(paddings)) == "the batch or the channels are padded"

    def test_channels_that_come_first(self) -> None:
        assert refused(padded(data_format=b"NCHW")) == "the channels aren't last"

    def test_paddings_of_another_rank(self) -> None:
        assert refused(padded(ONE[:3])) == "the paddings' shape is (3, 2), four dimensions need (4, 2)"

    @pytest.mark.parametrize("op", ["PadV2", "MirrorPad"])
    def test_padding_with_anything_but_zeros(self, op: str) -> None:
        assert refused(padded(op=op)) == ""

    def test_paddings_that_are_computed(self) -> None:
        draft = Draft()
        p = draft.op("Neg", "n", draft.const("p", ONE))
        pad = draft.typed("Pad", "pad", draft.input("x"), p)
        graph = draft.graph(draft.conv("y", pad, draft.const("w", weights(3, 3, 4, 2)), padding="VALID"))
        assert refused(graph) == ""

    @pytest.mark.parametrize("op", ["MaxPool", "AvgPool", "Conv3D", "Dilation2D"])
    def test_what_the_runtime_cannot_pad_explicitly(self, op: str) -> None:
        draft = Draft()
        pad = draft.typed("Pad", "pad", draft.input("x"), draft.const("p", ONE))
        graph = draft.graph(draft.typed(op, "y", pad, draft.const("w", weights(3, 3, 4)), padding=b"VALID"))
        assert refused(graph) == ""

    def test_a_padded_image_that_somebody_else_reads(self) -> None:
        draft = Draft()
        pad = draft.typed("Pad", "pad", draft.input("x"), draft.const("p", ONE))
        draft.conv("y", pad, draft.const("w", weights(3, 3, 4, 2)), padding="VALID")
        assert refused(draft.graph("y", draft.typed("Relu", "z", "pad"))) == ""
        assert refused(draft.graph("y", "pad")) == ""

    def test_a_padded_image_that_is_its_own_kernel(self) -> None:
        draft = Draft()
        pad = draft.typed("Pad", "pad", draft.input("x"), draft.const("p", ONE))
        assert refused(draft.graph(draft.conv("y", pad, pad, padding="VALID"))) == ""

    def test_a_padded_kernel(self) -> None:
        draft = Draft()
        pad = draft.typed("Pad", "pad", draft.const("w", weights(1, 1, 4, 2)), draft.const("p", ONE))
        assert refused(draft.graph(draft.conv("y", draft.input("x"), pad, padding="VALID"))) == ""
