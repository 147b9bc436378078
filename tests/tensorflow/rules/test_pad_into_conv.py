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

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.pad_into_conv import RULE, RULES

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


AROUND = np.array([(0, 0), (0, 1), (1, 1), (1, 2), (0, 0)], np.int32)


def in_volume(paddings: Any = AROUND, *, strides: int = 1, dilation: int = 1, kernel: Any = None) -> Graph:
    """A Conv3D behind a Pad: of a kernel [2, 3, 4, …] SAME pads as much as AROUND says."""
    draft = Draft()
    x = draft.input("x", (None, 4, 5, 6, 2))
    pad = draft.typed("Pad", "pad", x, draft.const("p", np.array(paddings, np.int32)), Tpaddings=DType("int32"))
    w = draft.const("w", weights(2, 3, 4, 2, 3)) if kernel is None else kernel(draft)
    attrs = {"strides": (1, *[strides] * 3, 1), "dilations": (1, *[dilation] * 3, 1), "data_format": b"NDHWC"}
    return draft.graph(draft.typed("Conv3D", "y", pad, w, padding=b"VALID", **attrs))


def of_sequence(axis: int = 1, paddings: Any = ((0, 0), (2, 1), (0, 0))) -> Graph:
    """A convolution of a sequence, padded before it becomes a picture."""
    draft = Draft()
    x = draft.input("x", (None, 7, 4))
    pad = draft.typed("Pad", "pad", x, draft.const("p", np.array(paddings, np.int32)), Tpaddings=DType("int32"))
    y = draft.typed("ExpandDims", "picture", pad, draft.const("axis", np.array(axis, np.int32)), Tdim=DType("int32"))
    kernel = weights(1, 3, 4, 2) if axis in (1, -3) else weights(3, 1, 4, 2)
    return draft.graph(draft.conv("y", y, draft.const("w", kernel), padding="VALID"))


EXAMPLES = {
    "a volume": in_volume(),
    "a sequence": of_sequence(),
    "a convolution": padded(((0, 0), (0, 1), (2, 3), (0, 0))),
    "with strides": padded(((0, 0), (0, 1), (1, 0), (0, 0)), strides=2),
    "a depthwise one": padded(conv="depthwise", strides=2),
    "a dilated one": padded(dilations=(1, 2, 2, 1)),
}


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


def test_what_the_convolution_pads_itself_is_added() -> None:
    draft = Draft()
    pad = draft.typed("Pad", "pad", draft.input("x", (None, 5, 6, 4)), draft.const("p", ONE))
    w = draft.const("w", weights(3, 3, 4, 2))
    before = draft.graph(draft.conv("y", pad, w, padding="EXPLICIT", explicit_paddings=(0, 0, 0, 2, 1, 0, 0, 0)))
    assert after(before)["y"].attrs["explicit_paddings"] == (0, 0, 1, 3, 2, 1, 0, 0)
    assert_same_numbers(before, after(before), x=X)


@pytest.mark.parametrize("dilation", [1, 2])
def test_in_a_volume_it_is_same_padding(dilation: int) -> None:
    around = AROUND if dilation == 1 else np.array([(0, 0), (1, 1), (2, 2), (3, 3), (0, 0)])
    before = in_volume(around, dilation=dilation)
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = Conv3D(x, w)\n-> y"
    assert result["y"].attrs["padding"] == b"SAME"
    if dilation == 1:  # TensorFlow's own Conv3D doesn't dilate on the CPU
        x = np.random.default_rng(1).normal(size=(2, 4, 5, 6, 2)).astype(np.float32)
        assert_same_numbers(before, result, x=x)


@pytest.mark.parametrize("axis", [1, -3, 2, -2])
def test_of_a_sequence_before_it_becomes_a_picture(axis: int) -> None:
    before = of_sequence(axis)
    result = apply_rules(before, RULES).graph
    assert show(result) == "x = Placeholder()\npicture = ExpandDims(x, axis)\ny = Conv2D(picture, w)\n-> y"
    x = np.random.default_rng(1).normal(size=(2, 7, 4)).astype(np.float32)
    assert_same_numbers(before, result, x=x)


@pytest.mark.parametrize(
    "paddings",
    [
        ((0, 0), (1, 0), (1, 1), (1, 2), (0, 0)),  # the larger half before
        ((0, 0), (1, 1), (1, 1), (1, 2), (0, 0)),
        ((0, 0), (0, 1), (1, 1), (1, 2), (0, 1)),
    ],
)
def test_a_volume_that_is_padded_otherwise_stays(paddings: Any) -> None:
    assert refused(in_volume(paddings)) in (
        "Conv3D pads like SAME or not at all, and this isn't what SAME pads",
        "the batch or the channels are padded",
    )


def test_a_strided_volume_stays() -> None:
    """SAME pads less where the stride leaves something over."""
    assert "isn't what SAME pads" in refused(in_volume(strides=2))


def test_a_volume_whose_kernel_is_computed_stays() -> None:
    kernel = lambda draft: draft.typed("Neg", "n", draft.const("w", weights(2, 3, 4, 2, 3)))  # noqa: E731
    assert "isn't what SAME pads" in refused(in_volume(kernel=kernel))


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
    def test_a_convolution_that_pads_as_well(self) -> None:
        assert refused(padded(padding="SAME")) == "the convolution pads as well"

    @pytest.mark.parametrize("paddings", [((0, 1), *ONE[1:]), ((1, 0), *ONE[1:]), (*ONE[:3], (0, 1))])
    def test_padding_of_the_batch_or_the_channels(self, paddings: Any) -> None:
        assert refused(padded(paddings)) == "the batch or the channels are padded"

    def test_channels_that_come_first(self) -> None:
        assert refused(padded(data_format=b"NCHW")) == "the channels aren't last"

    def test_paddings_of_another_rank(self) -> None:
        assert refused(padded(ONE[:3])) == "the paddings' shape is (3, 2), 4 dimensions need (4, 2)"

    @pytest.mark.parametrize("op", ["PadV2", "MirrorPad"])
    def test_padding_with_anything_but_zeros(self, op: str) -> None:
        assert refused(padded(op=op)) == ""

    def test_paddings_that_are_computed(self) -> None:
        draft = Draft()
        p = draft.op("Neg", "n", draft.const("p", ONE))
        pad = draft.typed("Pad", "pad", draft.input("x"), p)
        graph = draft.graph(draft.conv("y", pad, draft.const("w", weights(3, 3, 4, 2)), padding="VALID"))
        assert refused(graph) == ""

    @pytest.mark.parametrize("op", ["MaxPool", "AvgPool", "Dilation2D"])
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
