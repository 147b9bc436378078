from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.sink_transpose import RULE

FIRST = (0, 3, 1, 2)
X = np.random.default_rng(1).normal(size=(2, 4, 5, 3)).astype(np.float32)
INT = DType("int32")

after = partial(applied, RULE)
refused = partial(declined, RULE)


def ints(draft: Draft, name: str, value: object) -> str:
    return draft.const(name, np.array(value, np.int32))


def turned(draft: Draft, name: str, x: str, order: tuple[int, ...] = FIRST) -> str:
    return draft.typed("Transpose", name, x, ints(draft, f"{name}/order", order), Tperm=INT)


def start() -> tuple[Draft, str]:
    draft = Draft()
    return draft, turned(draft, "t", draft.input("x", (None, 4, 5, 3)))


def of(draft: Draft, *outputs: str) -> Graph:
    return inferred(draft.graph(*outputs))


def chain() -> Graph:
    draft, t = start()
    scaled = draft.typed("Mul", "m", t, draft.const("s", weights(3, 1, 1)))
    return of(draft, draft.typed("Relu6", "y", draft.typed("Neg", "n", scaled)))


def joined(op: str) -> Graph:
    """Two turned images: added, or put side by side along the channels."""
    draft, t = start()
    other = turned(draft, "u", draft.input("x2", (None, 4, 5, 3)))
    if op == "ConcatV2":
        return of(draft, draft.typed(op, "y", t, other, ints(draft, "axis", 1), N=2, Tidx=INT))
    return of(draft, draft.typed(op, "y", t, other))


EXAMPLES = {
    "a chain": chain(),
    "a concat": joined("ConcatV2"),
    "a sum": joined("AddV2"),
}


def test_it_goes_behind_an_activation() -> None:
    draft, t = start()
    before = of(draft, draft.typed("Relu", "y", t))
    result = after(before)
    assert show(result) == "x = Placeholder()\ny/relu = Relu(x)\ny = Transpose(y/relu, y/const)\n-> y"
    assert_same_numbers(before, result, x=X)


def test_a_chain_in_one_go() -> None:
    before = chain()
    result = after(before)
    assert [node.op for node in result if node.op != "Const"] == ["Placeholder", "Mul", "Neg", "Relu6", "Transpose"]
    assert_same_numbers(before, result, x=X)


def test_two_become_one() -> None:
    before = joined("AddV2")
    result = after(before)
    assert show(result).count("Transpose(") == 1
    assert_same_numbers(before, result, x=X, x2=X[::-1])


def test_a_concat_along_the_channels() -> None:
    before = joined("ConcatV2")
    result = after(before)
    assert show(result).count("Transpose(") == 1
    assert_same_numbers(before, result, x=X, x2=X[::-1])


def test_both_readers_of_one_meet_again() -> None:
    draft, t = start()
    before = of(draft, draft.typed("Mul", "y", t, draft.typed("Sigmoid", "s", t)))
    result = after(before)
    assert show(result).count("Transpose(") == 1
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("op", ["Mean", "Max"])
def test_none_behind_a_global_pool(op: str) -> None:
    draft, t = start()
    before = of(draft, draft.typed(op, "y", t, ints(draft, "axes", [2, 3]), Tidx=INT, keep_dims=False))
    result = after(before)
    assert "Transpose" not in show(result)
    assert_same_numbers(before, result, x=X)


def test_none_behind_a_search_along_the_channels() -> None:
    draft, t = start()
    before = of(draft, draft.typed("ArgMax", "y", t, ints(draft, "axis", 1), Tidx=INT, output_type=INT))
    result = after(before)
    assert "Transpose" not in show(result)
    assert_same_numbers(before, result, x=X)


def test_a_pool_reads_past_one_that_others_read() -> None:
    draft, t = start()
    draft.typed("Mean", "y", t, ints(draft, "axes", [2, 3]), Tidx=INT, keep_dims=False)
    before = of(draft, "y", "t")
    result = after(before)
    assert result["y"].inputs[0] == "x"
    assert_same_numbers(before, result, x=X)


def test_a_squeeze_leaves_a_smaller_one() -> None:
    draft = Draft()
    t = turned(draft, "t", draft.input("x", (None, 1, 5, 3)))
    before = of(draft, draft.typed("Squeeze", "y", t, squeeze_dims=(2,)))
    result = after(before)
    assert show(result) == "x = Placeholder()\ny/squeeze = Squeeze(x)\ny = Transpose(y/squeeze, y/const)\n-> y"
    assert result.constants["y/const"].value.tolist() == [0, 2, 1]
    assert_same_numbers(before, result, x=X[:, :1])


class TestLeavesAlone:
    def test_one_that_another_reads(self) -> None:
        draft, t = start()
        draft.typed("Relu", "y", t)
        assert "there would be one more" in refused(of(draft, "y", draft.typed("Softmax", "z", t)))

    def test_one_that_is_an_output(self) -> None:
        draft, t = start()
        assert "there would be one more" in refused(of(draft, draft.typed("Relu", "y", t), "t"))

    def test_two_readers_that_never_meet(self) -> None:
        draft, t = start()
        before = of(draft, draft.typed("Relu", "y", t), draft.typed("Neg", "z", t))
        assert "there would be one more" in refused(before)

    def test_an_operand_that_is_not_transposed(self) -> None:
        draft, t = start()
        before = of(draft, draft.typed("AddV2", "y", t, draft.input("z", (None, 3, 4, 5))))
        assert "not every operand" in refused(before)

    def test_a_result_of_integers_which_webgpu_does_not_transpose(self) -> None:
        draft, t = start()
        before = of(draft, draft.op("Cast", "y", t, SrcT=DType("float32"), DstT=INT, Truncate=False))
        assert "floats" in refused(before)

    def test_a_comparison(self) -> None:
        draft, t = start()
        assert "floats" in refused(of(draft, draft.typed("Greater", "y", t, draft.const("zero", 0.0))))

    def test_an_order_of_the_run(self) -> None:
        draft = Draft()
        x, p = draft.input("x", (2, 4, 5, 3)), draft.op("Placeholder", "p", dtype=INT)
        t = draft.typed("Transpose", "t", x, p, Tperm=INT)
        assert "nothing that it reads" in refused(of(draft, draft.typed("Relu", "y", t)))

    def test_what_another_reads_in_the_middle(self) -> None:
        draft, t = start()
        middle = draft.typed("Relu", "r", t)
        draft.typed("Neg", "y", middle)
        result = after(of(draft, "y", "r"))  # it goes behind the first, and stays there
        assert show(result).count("Transpose(") == 1
        assert [node.op for node in result if node.op != "Const"] == ["Placeholder", "Relu", "Transpose", "Neg"]

    def test_a_constant_that_makes_the_result_larger(self) -> None:
        draft = Draft()
        t = turned(draft, "t", draft.input("x", (None, 1, 1, 3)))
        before = of(draft, draft.typed("Mul", "y", t, draft.const("k", weights(3, 64, 64))))
        assert "not every operand" in refused(before)
