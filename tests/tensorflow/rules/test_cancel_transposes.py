from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.cancel_transposes import RULE

LAST, FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
X = np.random.default_rng(1).normal(size=(2, 4, 5, 3)).astype(np.float32)
INT = DType("int32")


def ints(draft: Draft, name: str, value: object) -> str:
    return draft.const(name, np.array(value, np.int32))


def turned(draft: Draft, name: str, x: str, order: tuple[int, ...]) -> str:
    return draft.typed("Transpose", name, x, ints(draft, f"{name}/order", order), Tperm=INT)


Region = Callable[[Draft, str], str]
"""Draft, a channels-first tensor [?, 3, 4, 5] -> what is made of it."""


def between(region: Region, *more: str) -> Graph:
    """x, channels last, is put first, goes through the region, and is put last again as y."""
    draft = Draft()
    t = turned(draft, "t", draft.input("x", (None, 4, 5, 3)), FIRST)
    turned(draft, "y", region(draft, t), LAST)
    return inferred(draft.graph("y", *more))


def norm(draft: Draft, t: str) -> str:
    scaled = draft.typed("Mul", "m", t, draft.const("s", weights(3, 1, 1)))
    return draft.typed("AddV2", "a", draft.const("b", weights(1, 3, 1, 1)), scaled)


def swish(draft: Draft, t: str) -> str:
    return draft.typed("Mul", "m", t, draft.typed("Sigmoid", "s", t))


def clipped(draft: Draft, t: str) -> str:
    return draft.typed("ClipByValue", "c", t, draft.const("low", -0.5), draft.const("high", 0.5))


def padded(draft: Draft, t: str) -> str:
    return draft.typed("Pad", "p", t, ints(draft, "n", [(0, 0), (0, 1), (1, 2), (3, 0)]), Tpaddings=INT)


def mirrored(draft: Draft, t: str) -> str:
    n = ints(draft, "n", [(0, 0), (0, 0), (1, 2), (2, 0)])
    return draft.typed("MirrorPad", "p", t, n, Tpaddings=INT, mode=b"REFLECT")


def filled(draft: Draft, t: str) -> str:
    n = ints(draft, "n", [(0, 0), (0, 1), (1, 2), (3, 0)])
    return draft.typed("PadV2", "p", t, n, draft.const("v", 7.0), Tpaddings=INT)


def joined(draft: Draft, t: str) -> str:
    return draft.typed("ConcatV2", "c", t, draft.typed("Neg", "n", t), ints(draft, "axis", 1), N=2, Tidx=INT)


def added(draft: Draft, t: str) -> str:
    return draft.typed("AddN", "c", t, draft.typed("Neg", "n", t), t, N=3)


def cut(draft: Draft, t: str) -> str:
    return draft.typed("Slice", "s", t, ints(draft, "b", [0, 1, 0, 2]), ints(draft, "n", [-1, 2, 3, -1]), Index=INT)


def stepped(draft: Draft, t: str) -> str:
    numbers = [ints(draft, n, v) for n, v in (("b", [0, 0, 1]), ("e", [0, 3, -1]), ("n", [1, 2, 1]))]
    return draft.typed(
        "StridedSlice", "s", t, *numbers, Index=INT, begin_mask=3, end_mask=1, ellipsis_mask=0, new_axis_mask=0,
        shrink_axis_mask=0,
    )  # fmt: skip


def mean_kept(draft: Draft, t: str) -> str:
    return draft.typed("Mean", "m", t, ints(draft, "axes", [2, -1]), Tidx=INT, keep_dims=True)


def squeezed_and_back(draft: Draft, t: str) -> str:
    one = draft.typed("Mean", "m", t, ints(draft, "axes", [2]), Tidx=INT, keep_dims=True)
    flat = draft.typed("Squeeze", "q", one, squeeze_dims=(2,))
    return draft.op(
        "ExpandDims", "e", draft.typed("Relu", "r", flat), ints(draft, "d", 2), T=DType("float32"), Tdim=INT
    )


def chosen(draft: Draft, t: str) -> str:
    positive = draft.typed("Greater", "g", t, draft.const("zero", 0.0))
    return draft.typed("SelectV2", "c", positive, t, draft.const("k", weights(3, 1, 1)))


def cast(draft: Draft, t: str) -> str:
    whole = draft.op("Cast", "i", t, SrcT=DType("float32"), DstT=INT, Truncate=False)
    return draft.op("Cast", "f", whole, SrcT=INT, DstT=DType("float32"), Truncate=False)


def biased(draft: Draft, t: str) -> str:
    return draft.bias_add("b", t, draft.const("bias", weights(5)))  # along the last dimension, which is the width here


REGIONS = (
    norm, swish, clipped, padded, mirrored, filled, joined, added, cut, stepped, mean_kept, squeezed_and_back, chosen, cast,
    biased,
)  # fmt: skip

after = partial(applied, RULE)
refused = partial(declined, RULE)


EXAMPLES = {region.__name__: between(region) for region in (norm, swish, clipped, padded)}


@pytest.mark.parametrize("region", REGIONS)
def test_keeps_the_numbers(region: Region) -> None:
    before = between(region)
    result = after(before)
    assert "Transpose" not in show(result)
    assert_same_numbers(before, result, x=X)


def test_one_number_a_channel_is_a_vector_again() -> None:
    result = after(between(norm))
    assert show(result) == "x = Placeholder()\ny/mul = Mul(x, s_1)\ny = AddV2(b_1, y/mul)\n-> y"
    assert result.constants["s_1"].value.shape == result.constants["b_1"].value.shape == (3,)
    assert result.constants["s_1"].sources == ("s",)


def test_beside_5_dimensions_it_keeps_them_all() -> None:
    draft = Draft()
    t = turned(draft, "t", draft.input("x", (None, 2, 2, 2, 3)), (0, 4, 1, 2, 3))
    turned(draft, "y", draft.typed("Mul", "m", t, draft.const("s", weights(3, 1, 1, 1))), (0, 2, 3, 4, 1))
    assert after(inferred(draft.graph("y"))).constants["s_1"].value.shape == (1, 1, 1, 1, 3)


def test_the_inner_transpose_stays_for_its_other_readers() -> None:
    before = between(norm, "t")
    result = after(before)
    assert show(result).count("Transpose") == 1
    assert_same_numbers(before, result, x=X)


def test_a_residual_around_it() -> None:
    def block(draft: Draft, t: str) -> str:
        turned(draft, "other", draft.input("x2", (None, 4, 5, 3)), FIRST)
        return draft.typed("AddV2", "sum", norm(draft, t), "other")

    before = between(block)
    result = after(before)
    assert "Transpose" not in show(result)
    assert_same_numbers(before, result, x=X, x2=X[::-1])


class TestLeavesAlone:
    def test_what_another_reads_between(self) -> None:
        assert "read by others" in refused(between(norm, "m"))

    def test_an_output_between(self) -> None:
        assert "read by others" in refused(between(norm, "a"))

    def test_an_operand_in_another_order(self) -> None:
        def block(draft: Draft, t: str) -> str:
            return draft.typed("AddV2", "sum", t, draft.input("z", (None, 3, 4, 5)))

        assert "not every way" in refused(between(block))

    def test_an_operand_that_was_transposed_otherwise(self) -> None:
        def block(draft: Draft, t: str) -> str:
            turned(draft, "other", draft.input("z", (None, 5, 3, 4)), (0, 2, 3, 1))
            return draft.typed("AddV2", "sum", t, "other")

        assert "not every way" in refused(between(block))

    def test_orders_that_do_not_undo_each_other(self) -> None:
        draft = Draft()
        t = turned(draft, "t", draft.input("x", (None, 3, 3, 3)), FIRST)
        assert "not every way" in refused(inferred(draft.graph(turned(draft, "y", draft.typed("Relu", "r", t), FIRST))))

    def test_a_constant_that_makes_the_result_larger(self) -> None:
        def block(draft: Draft, t: str) -> str:
            small = draft.typed("Mean", "m", t, ints(draft, "axes", [2, 3]), Tidx=INT, keep_dims=True)
            return draft.typed("Mul", "large", small, draft.const("k", weights(3, 64, 64)))

        assert "not every way" in refused(between(block))

    @pytest.mark.parametrize("op", ["Softmax", "MatrixDiag", "Reshape"])
    def test_ops_that_care_about_the_order(self, op: str) -> None:
        def block(draft: Draft, t: str) -> str:
            if op == "Reshape":
                return draft.typed("Reshape", "r", t, ints(draft, "shape", [-1, 5, 4, 3]), Tshape=INT)
            return (
                draft.typed(op, "r", t) if op == "Softmax" else draft.typed("Softmax", "s", draft.typed("Relu", "r", t))
            )

        assert "not every way" in refused(between(block))

    def test_a_slice_that_takes_a_dimension_away(self) -> None:
        def block(draft: Draft, t: str) -> str:
            numbers = [ints(draft, n, v) for n, v in (("b", [0, 0]), ("n", [0, 1]), ("m", [1, 1]))]
            first = draft.typed(
                "StridedSlice", "s", t, *numbers, Index=INT, begin_mask=1, end_mask=1, ellipsis_mask=0, new_axis_mask=0,
                shrink_axis_mask=2,
            )  # fmt: skip
            return draft.op("ExpandDims", "e", first, ints(draft, "d", 1), T=DType("float32"), Tdim=INT)

        assert "not every way" in refused(between(block))
