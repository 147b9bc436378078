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
from tfjsci.rewrite.rules.dilation_from_blocks import OF_SEQUENCES, RULE

after, refused = partial(applied, RULE), partial(declined, RULE)
of_sequences = partial(applied, OF_SEQUENCES)
INT = DType("int32")
X = np.random.default_rng(1).normal(size=(2, 7, 6, 4)).astype(np.float32)


def blocks(draft: Draft, name: str, op: str, x: str, block: Any, around: Any) -> str:
    sizes, pairs = (
        draft.const(f"{name}/b", np.array(block, np.int32)),
        draft.const(f"{name}/p", np.array(around, np.int32)),
    )
    other = "Tpaddings" if op == "SpaceToBatchND" else "Tcrops"
    return draft.typed(op, name, x, sizes, pairs, Tblock_shape=INT, **{other: INT})


def images(
    block: tuple[int, ...] = (2, 3),
    base: tuple[tuple[int, int], ...] = ((2, 1), (0, 3)),
    *,
    conv: str = "conv",
    back: tuple[int, ...] | None = None,
    more_cropped: int = 0,
    kernel: tuple[int, ...] = (3, 2, 4, 2),
    **attrs: Any,
) -> Graph:
    """As TensorFlow writes it: the padding of its own, and after it what fills the last block and is cropped again."""
    draft = Draft()
    sizes = [n + sum(pair) for n, pair in zip((7, 6), base, strict=False)]
    rest = [-n % b for n, b in zip(sizes, block, strict=True)]
    padded = [(before, last + r) for (before, last), r in zip(base, rest, strict=False)]
    apart = blocks(draft, "to", "SpaceToBatchND", draft.input("x", (None, 7, 6, 4)), block, padded)
    w = draft.const("w", weights(*kernel))
    y = getattr(draft, conv)("conv", apart, w, **{"padding": "VALID", **attrs})
    crops = [(more_cropped * (before + 1), r) for (before, _), r in zip(base, rest, strict=False)]
    return draft.graph(blocks(draft, "y", "BatchToSpaceND", y, back or block, crops))


def sequence(block: int, base: tuple[int, int], *, axis: int = 1, negative: bool = False) -> Graph:
    draft = Draft()
    rest = -(7 + sum(base)) % block
    x = draft.input("x", (None, 7, 4))
    apart = blocks(draft, "to", "SpaceToBatchND", x, [block], [(base[0], base[1] + rest)])
    wide = draft.typed("ExpandDims", "e", apart, draft.const("axis", np.array(axis, np.int32)), Tdim=INT)
    w = draft.const("w", weights(*((1, 3) if axis % 4 == 1 else (3, 1)), 4, 2))
    image = draft.conv("conv", wide, w, padding="VALID")
    flat = draft.typed("Squeeze", "q", image, squeeze_dims=(axis % 4 - 4 * negative,))
    return draft.graph(blocks(draft, "y", "BatchToSpaceND", flat, [block], [(0, rest)]))


EXAMPLES = {
    "images": images(),
    "a depthwise convolution": images((2, 2), conv="depthwise", kernel=(3, 3, 4, 1)),
    "a sequence": sequence(2, (4, 0)),
}


def test_the_blocks_become_dilations() -> None:
    result = after(images())
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w)\n-> y"
    assert result["y"].attrs["dilations"] == (1, 2, 3, 1)
    assert result["y"].attrs["explicit_paddings"] == (0, 0, 2, 1, 0, 3, 0, 0)


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2),
)
@settings(max_examples=15, deadline=None)
def test_keeps_the_numbers(block: tuple[int, int], base: tuple[tuple[int, int], ...]) -> None:
    before = images(block, base)
    assert_same_numbers(before, after(before), x=X)


def test_rows_alone() -> None:
    before = images((2,), ((2, 2),))
    assert_same_numbers(before, after(before), x=X)
    assert after(before)["y"].attrs["dilations"] == (1, 2, 1, 1)


def test_a_depthwise_convolution_which_tensorflow_cannot_dilate_on_the_cpu() -> None:
    result = after(images(conv="depthwise"))
    assert show(result) == "x = Placeholder()\ny = DepthwiseConv2dNative(x, w)\n-> y"
    assert result["y"].attrs["dilations"] == (1, 2, 3, 1)


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("axis", [1, 2, -3])
@pytest.mark.parametrize("base", [(0, 0), (2, 0), (1, 2)])
def test_a_sequence_keeps_its_dimensions(axis: int, base: tuple[int, int], negative: bool) -> None:
    before = sequence(2, base, axis=axis, negative=negative)
    result = of_sequences(before)
    assert [node.op for node in result if node.op != "Const"] == ["Placeholder", "ExpandDims", "Conv2D", "Squeeze"]
    assert_same_numbers(before, result, x=X[:, :, 0])


def test_channels_first_images() -> None:
    draft = Draft()
    apart = blocks(
        draft, "to", "SpaceToBatchND", draft.input("x", (None, 4, 7, 6)), [1, 2, 3], [(0, 0), (2, 1), (0, 3)]
    )
    w = draft.const("w", weights(3, 2, 4, 2))
    y = draft.conv("conv", apart, w, padding="VALID", data_format=b"NCHW")
    result = after(draft.graph(blocks(draft, "y", "BatchToSpaceND", y, [1, 2, 3], [(0, 0), (0, 0), (0, 0)])))
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w)\n-> y"
    assert result["y"].attrs["dilations"] == (1, 1, 2, 3)
    assert result["y"].attrs["explicit_paddings"] == (0, 0, 0, 0, 2, 1, 0, 3)


def test_channels_first_sequences() -> None:
    draft = Draft()
    apart = blocks(draft, "to", "SpaceToBatchND", draft.input("x", (None, 4, 7)), [1, 2], [(0, 0), (2, 1)])
    wide = draft.typed("ExpandDims", "e", apart, draft.const("axis", np.array(2, np.int32)), Tdim=INT)
    image = draft.conv("conv", wide, draft.const("w", weights(1, 3, 4, 2)), padding="VALID", data_format=b"NCHW")
    flat = draft.typed("Squeeze", "q", image, squeeze_dims=(2,))
    result = of_sequences(draft.graph(blocks(draft, "y", "BatchToSpaceND", flat, [1, 2], [(0, 0), (0, 1)])))
    assert [node.op for node in result if node.op != "Const"] == ["Placeholder", "ExpandDims", "Conv2D", "Squeeze"]
    assert result["conv"].attrs["dilations"] == (1, 1, 1, 2)
    assert result["conv"].attrs["explicit_paddings"] == (0, 0, 0, 0, 0, 0, 2, 0)


class TestLeavesAlone:
    def test_a_convolution_that_pads(self) -> None:
        assert "pads as well" in refused(images(padding="SAME"))

    def test_channels_that_are_taken_apart(self) -> None:
        assert "channels" in refused(images(data_format=b"NCHW"))

    @pytest.mark.parametrize("attrs", [{"strides": 2}, {"dilations": (1, 2, 2, 1)}])
    def test_one_that_is_strided_or_dilated(self, attrs: dict[str, Any]) -> None:
        assert "strided or dilated itself" in refused(images(**attrs))

    def test_other_blocks_on_the_way_back(self) -> None:
        assert "otherwise" in refused(images((2, 3), back=(3, 2)))

    def test_crops_beyond_the_padding(self) -> None:
        assert "more is cropped" in refused(images(more_cropped=1))

    def test_paddings_of_the_run(self) -> None:
        draft = Draft()
        sizes = draft.const("b", np.array([2, 2], np.int32))
        around = draft.op("Placeholder", "p", dtype=INT)
        x = draft.input("x", (None, 8, 6, 4))
        apart = draft.typed("SpaceToBatchND", "to", x, sizes, around, Tblock_shape=INT, Tpaddings=INT)
        y = draft.conv("conv", apart, draft.const("w", weights(3, 2, 4, 2)), padding="VALID")
        assert refused(draft.graph(blocks(draft, "y", "BatchToSpaceND", y, [2, 2], [(0, 0), (0, 0)]))) == ""

    def test_a_sequence_that_loses_another_dimension(self) -> None:
        draft = Draft()
        apart = blocks(draft, "to", "SpaceToBatchND", draft.input("x", (None, 3, 1)), [3], [(0, 0)])
        wide = draft.typed("ExpandDims", "e", apart, draft.const("axis", np.array(1, np.int32)), Tdim=INT)
        flat = draft.typed(
            "Squeeze",
            "q",
            draft.conv("conv", wide, draft.const("w", weights(1, 1, 1, 2)), padding="VALID"),
            squeeze_dims=(2,),
        )
        graph = draft.graph(blocks(draft, "y", "BatchToSpaceND", flat, [3], [(0, 0)]))
        assert "isn't the one that it loses" in declined(OF_SEQUENCES, graph)

    def test_blocks_that_another_reads(self) -> None:
        draft = Draft()
        apart = blocks(draft, "to", "SpaceToBatchND", draft.input("x", (None, 8, 6, 4)), [2, 2], [(0, 0), (0, 0)])
        y = draft.conv("conv", apart, draft.const("w", weights(3, 2, 4, 2)), padding="VALID")
        assert refused(draft.graph(blocks(draft, "y", "BatchToSpaceND", y, [2, 2], [(0, 0), (0, 0)]), "conv")) == ""
