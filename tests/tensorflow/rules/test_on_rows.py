from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.merge_reshapes import RULES as MERGING
from tfjsci.rewrite.rules.on_rows import RULE

INT = DType("int32")
N, C = 3, 4

refused = partial(declined, RULE)
X = np.random.default_rng(0).normal(size=(2, N, C)).astype(np.float32)


def reshaped(draft: Draft, name: str, x: str, *sizes: int) -> str:
    return draft.typed("Reshape", name, x, draft.const(f"{name}/shape", np.array(sizes, np.int32)), Tshape=INT)


def dense(draft: Draft, name: str, x: str, *, n: int = N, columns: int = C) -> str:
    """[?, n, C] -> [?, n, columns], as a product of rows."""
    rows = reshaped(draft, f"{name}/rows", x, -1, C)
    y = draft.matmul(f"{name}/product", rows, draft.const(f"{name}/w", weights(C, columns)))
    return reshaped(draft, name, y, -1, n, columns)


Between = Callable[[Draft, str, str], str]


def between(f: Between, *, shape: Shape = (None, N, C), more_outputs: bool = False) -> Graph:
    """Two Dense layers with ``f`` of the first one's result and of the input between them."""
    draft = Draft()
    x = draft.input("x", shape)
    y = f(draft, dense(draft, "first", x), x)
    z = dense(draft, "second", y)
    return inferred(draft.graph(z, y) if more_outputs else draft.graph(z))


def relu(draft: Draft, y: str, x: str) -> str:
    return draft.typed("Relu", "f", y)


def erf(draft: Draft, y: str, x: str) -> str:
    """What isn't fused, and so isn't sunk beforehand."""
    return draft.typed("Erf", "f", y)


def shifted(addend: Any) -> Between:
    return lambda draft, y, x: draft.typed("AddV2", "f", y, draft.const("c", addend))


def residual(draft: Draft, y: str, x: str) -> str:
    return draft.typed("AddV2", "f", x, y)


def mean(draft: Draft, name: str, x: str, *, axis: int = -1, keep: bool = True) -> str:
    axes = draft.const(f"{name}/axes", np.array([axis], np.int32))
    return draft.typed("Mean", name, x, axes, keep_dims=keep, Tidx=INT)


def layer_norm(draft: Draft, y: str, x: str) -> str:
    total = draft.typed("AddN", "total", y, x, N=2)
    middle = mean(draft, "mean", total)
    variance = mean(draft, "variance", draft.typed("SquaredDifference", "squares", total, middle), axis=2)
    scale = draft.typed("Rsqrt", "scale", draft.typed("AddV2", "more", variance, draft.const("epsilon", 1e-3)))
    normed = draft.typed("Mul", "normed", draft.typed("Sub", "centred", total, middle), scale)
    return draft.typed("Mul", "f", normed, draft.const("gamma", weights(1, 1, C)))


def softmax(draft: Draft, y: str, x: str) -> str:
    return draft.typed("Softmax", "f", y)


def scaled_by_a_number(draft: Draft, y: str, x: str) -> str:
    return draft.typed("Mul", "f", y, draft.input("factor", ()))


EXAMPLES = {
    "an activation": between(erf, shape=(2, N, C)),
    "a sum with what went around": between(residual, shape=(2, N, C)),
    "layer norm": between(layer_norm, shape=(2, N, C)),
}


def result(before: Graph) -> Graph:
    """After the rules, and those that merge what they leave, with types told anew as the stage does it."""
    after = before
    while (done := apply_rules(after, [*MERGING, RULE])).applied:
        after = inferred(done.graph)
    return after


def reshapes(graph: Graph) -> int:
    return Counter(node.op for node in graph)["Reshape"]


def test_an_activation_is_done_on_rows() -> None:
    before = between(relu)
    after = applied(RULE, before)
    assert "f/relu = Relu(first/product)\nf = Reshape(f/relu, f/const)" in show(after)
    assert values(after)["f/const"] == [-1, N, C]
    assert_same_numbers(before, after, x=X)


@pytest.mark.parametrize(
    "f",
    [
        relu,
        shifted(weights(C)),
        shifted(weights(1, 1, C)),
        shifted(weights(1, 1)),
        shifted(2.0),
        layer_norm,
        softmax,
        residual,
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_between_two_products_no_reshape_is_left(f: Between) -> None:
    before = between(f)
    after = result(before)
    assert reshapes(before) == 4
    outer = [node for node in after if node.op == "Reshape" and node.inputs[0] != "x"]
    assert [node.name for node in outer] == ["second"]
    assert_same_numbers(before, after, x=X)


def test_what_went_around_is_reshaped_beside_it() -> None:
    after = applied(RULE, between(residual))
    assert "f/reshape = Reshape(x, f/const)\nf/addv2 = AddV2(f/reshape, first/product)" in show(after)
    assert values(after)["f/const"] == [-1, C]


def test_a_number_stays_as_it_is() -> None:
    before = between(scaled_by_a_number)
    after = applied(RULE, before)
    assert "f/mul = Mul(first/product, factor)" in show(after)
    assert_same_numbers(before, after, x=X, factor=np.array(2, np.float32))


def test_the_mean_of_a_row_keeps_its_place() -> None:
    before = between(layer_norm)
    after = result(before)
    means = [node for node in after if node.op == "Mean"]
    assert [values(after)[node.inputs[1]] for node in means] == [[-1], [-1]]


def normed_first(*, more_outputs: tuple[str, ...] = ()) -> Graph:
    """A layer norm of what isn't rows, then a product."""
    draft = Draft()
    x = draft.input("x", (None, N, C))
    y = draft.typed("Sub", "centred", x, mean(draft, "mean", x))
    return inferred(draft.graph(dense(draft, "first", y), *more_outputs))


def test_a_norm_in_front_of_the_first_product_is_done_on_rows_as_well() -> None:
    before = normed_first()
    after = result(before)
    assert [after[name].op for name in ("mean/mean", "centred/sub")] == ["Mean", "Sub"]
    assert_same_numbers(before, after, x=X)


def test_they_read_one_anothers_rows() -> None:
    before = between(layer_norm)
    after = apply_rules(before, [RULE]).graph
    # the sum's of x and the last one's, which the product's own Reshape reads: nothing between the eight nodes of the norm
    assert reshapes(after) == reshapes(before) - 1 + 2
    assert_same_numbers(before, after, x=X)


def test_before_a_mean_of_all_rows_the_reshape_comes_last() -> None:
    draft = Draft()
    y = draft.typed("Relu", "f", dense(draft, "first", draft.input("x", (None, N, C))))
    before = inferred(draft.graph(mean(draft, "pooled", y, axis=1, keep=False)))
    after = applied(RULE, before)
    assert "f/relu = Relu(first/product)\nf = Reshape(f/relu, f/const)\npooled = Mean(f, pooled/axes)" in show(after)
    assert_same_numbers(before, after, x=X)


def test_an_output_in_the_middle_keeps_its_shape() -> None:
    before = between(relu, more_outputs=True)
    after = result(before)
    assert after["f"].op == "Reshape"
    assert_same_numbers(before, after, x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("addend", [weights(N, C), weights(2, 1, 1), weights(1, N, 1)])
    def test_what_is_added_differs_from_row_to_row(self, addend: Any) -> None:
        assert "its operands aren't rows" in refused(between(shifted(addend), shape=(2, N, C)))

    def test_nobody_wants_rows(self) -> None:
        draft = Draft()
        before = inferred(draft.graph(draft.typed("Relu", "f", dense(draft, "first", draft.input("x", (None, N, C))))))
        assert refused(before) == "nobody wants rows of it"

    def test_nothing_is_rows(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "f", draft.input("x", (None, N, C)))
        assert "its operands aren't rows" in refused(inferred(draft.graph(dense(draft, "first", y))))

    def test_a_norm_that_is_not_wanted_as_rows_alone(self) -> None:
        assert "its operands aren't rows" in refused(normed_first(more_outputs=("centred",)))

    def test_a_mean_over_the_sequence(self) -> None:
        def f(draft: Draft, y: str, x: str) -> str:
            return draft.typed("AddV2", "f", y, mean(draft, "mean", y, axis=1))

        assert refused(between(f)) != ""

    def test_rows_of_another_sequence(self) -> None:
        """[1, n, c] + [?, n, c]: there are more of these."""

        def f(draft: Draft, y: str, x: str) -> str:
            return draft.typed("AddV2", "f", y, draft.input("other", (1, N, C)))

        assert "its operands aren't rows" in refused(between(f))

    def test_a_batch_that_may_be_another(self) -> None:
        def f(draft: Draft, y: str, x: str) -> str:
            return draft.typed("AddV2", "f", y, draft.input("other", (None, N, C)))

        assert "its operands aren't rows" in refused(between(f))

    def test_a_reshape_that_cuts_rows(self) -> None:
        draft = Draft()
        y = draft.matmul("product", draft.input("x", (None, C)), draft.const("w", weights(C, 2 * C)))
        y = draft.typed("Relu", "f", reshaped(draft, "heads", y, -1, 2, C))
        before = inferred(draft.graph(reshaped(draft, "y", y, -1, 2 * C)))
        assert refused(before) == "nobody wants rows of it"

    def test_two_open_sizes(self) -> None:
        draft = Draft()
        x = draft.input("x", (None, None, C))
        product = draft.matmul("product", reshaped(draft, "rows", x, -1, C), draft.const("w", weights(C, C)))
        back = draft.typed(
            "Reshape", "back", product, draft.op("Shape", "shape", x, T=DType("float32"), out_type=INT), Tshape=INT
        )
        y = draft.typed("Relu", "f", back)
        assert refused(inferred(draft.graph(reshaped(draft, "again", y, -1, C)))) != ""
