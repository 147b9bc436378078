from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from keeps_numbers import PLAIN

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import DType, Graph
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.heads_apart import LEAST, RULE

INT = DType("int32")
N, H, D, C = 64, 2, 16, 8

after = partial(applied, RULE)
refused = partial(declined, RULE)


def test_the_examples_are_just_large_enough() -> None:
    assert N * N * D == LEAST


class Attention:
    """Attention over tokens x [batch, n, C], its heads put back side by side; each part may be written otherwise."""

    def __init__(
        self, *, batch: int | None = None, n: int | None = N, asked: int = N, heads: int = H, kind: str = "float32"
    ) -> None:
        self.draft = Draft(kind)
        self.n, self.asked, self.heads = n, asked, heads
        self.x = self.draft.input("x", (batch, n, C))
        self.rows = self.reshaped("rows", self.x, [-1, C])
        self.queried = (
            self.rows if asked == n else self.reshaped("few", self.draft.input("few/x", (batch, asked, C)), [-1, C])
        )

    def reshaped(self, name: str, x: str, shape: Any) -> str:
        return self.draft.typed(
            "Reshape", name, x, self.draft.const(f"{name}/to", np.array(shape, np.int32)), Tshape=INT
        )

    def moved(self, name: str, x: str, *order: int) -> str:
        return self.draft.typed(
            "Transpose", name, x, self.draft.const(f"{name}/order", np.array(order, np.int32)), Tperm=INT
        )

    def projected(self, name: str, rows: str, *, bias: bool = True, turned: bool = False, kernel: str = "") -> str:
        width = self.heads * D
        shape = (width, C) if turned else (C, width)
        kernel = kernel or self.draft.const(f"{name}/kernel", weights(*shape) * {"q": 0.4, "k": -0.3}.get(name, 1.0))
        y = self.draft.typed("MatMul", f"{name}/product", rows, kernel, transpose_a=False, transpose_b=turned)
        if not bias:
            return y
        b = self.draft.const(f"{name}/bias", np.linspace(-1, 1, width))
        return self.draft.typed("BiasAdd", f"{name}/added", y, b, data_format=b"NHWC")

    def laid_out(self, name: str, y: str, n: int | None, *order: int) -> str:
        return self.moved(f"{name}/moved", self.reshaped(f"{name}/split", y, [-1, n or N, self.heads, D]), *order)

    def product(self, name: str, x: str, y: str, **adjoint: bool) -> str:
        return self.draft.typed("BatchMatMulV2", name, x, y, **{"adj_x": False, "adj_y": False, **adjoint})

    def queries(self, **kinds: Any) -> str:
        return self.laid_out("q", self.projected("q", self.queried, **kinds), self.asked, 0, 2, 1, 3)

    def keys(self, **kinds: Any) -> str:
        return self.laid_out("k", self.projected("k", self.rows, **kinds), self.n, 0, 2, 3, 1)

    def values(self, **kinds: Any) -> str:
        return self.laid_out("v", self.projected("v", self.rows, **kinds), self.n, 0, 2, 1, 3)

    def together(self, attended: str, *more: str, order: tuple[int, ...] = (0, 2, 1, 3)) -> Graph:
        back = self.moved("back", attended, *order)
        return inferred(self.draft.graph(self.reshaped("y", back, [-1, self.heads * D]), *more))

    def plain(self, *, then: Any = None, over: str = "Softmax") -> Graph:
        scores = self.product("scores", self.queries(), self.keys())
        shares = self.draft.typed(over, "shares", then(self.draft, scores) if then else scores)
        return self.together(self.product("attended", shares, self.values()))


def masked(draft: Draft, scores: str) -> str:
    causal = draft.const("causal", np.tril(np.ones((1, 1, N, N), bool)))
    return draft.typed("SelectV2", "masked", causal, scores, draft.const("out", -1e9))


def shifted(draft: Draft, scores: str) -> str:
    return draft.typed("AddV2", "shifted", scores, draft.const("positions", weights(H, N, N)))


def padded(draft: Draft, scores: str) -> str:
    return draft.typed("AddV2", "padded", scores, draft.input("padding", (None, 1, 1, N)))


def transposed_operands() -> Graph:
    """Keys as they are, and values the other way round."""
    given = Attention()
    k = given.laid_out("k", given.projected("k", given.rows, bias=False, turned=True), N, 0, 2, 1, 3)
    scores = given.product("scores", given.queries(bias=False), k, adj_y=True)
    v = given.laid_out("v", given.projected("v", given.rows), N, 0, 2, 3, 1)
    return given.together(given.product("attended", given.draft.typed("Softmax", "shares", scores), v, adj_y=True))


def cut() -> Graph:
    """Values that are no product with a weight."""
    given = Attention()
    scores = given.product("scores", given.queries(), given.keys())
    doubled = given.draft.typed("Tanh", "v/tanh", given.projected("v", given.rows))
    v = given.laid_out("v", doubled, N, 0, 2, 1, 3)
    return given.together(given.product("attended", given.draft.typed("Softmax", "shares", scores), v))


def turned() -> Graph:
    """Queries and keys that something is done to with their heads side by side, as rotary embeddings do."""
    given = Attention()
    heads = []
    for name, order in (("q", (0, 2, 1, 3)), ("k", (0, 2, 3, 1))):
        split = given.reshaped(f"{name}/split", given.projected(name, given.rows), [-1, N, H, D])
        angles = given.draft.const(f"{name}/angles", weights(1, N, 1, D))
        heads.append(given.moved(f"{name}/moved", given.draft.typed("Mul", f"{name}/turned", split, angles), *order))
    shares = given.draft.typed("Softmax", "shares", given.product("scores", *heads))
    return given.together(given.product("attended", shares, given.values()))


WANTED: tuple[Backend, ...] = ("wasm", "cpu")
EXAMPLES = {
    "attention": Attention(batch=1).plain(),
    "causal": Attention(batch=1).plain(then=masked),
    "a bias of positions": Attention().plain(then=shifted),
    "padding": Attention().plain(then=padded),
    "other operands": transposed_operands(),
    "cut": cut(),
    "turned": turned(),
}


def fed(graph: Graph, batch: int = 2) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"].shape for node in graph.nodes if node.op == "Placeholder"}
    kinds = {node.name: node.attrs["dtype"].name for node in graph.nodes if node.op == "Placeholder"}
    return {
        name: rng.normal(size=[batch if size is None else size for size in shape]).astype(kinds[name])
        for name, shape in shapes.items()
    }


def ops(graph: Graph) -> Counter[str]:
    return Counter(node.op for node in graph.nodes if node.op not in ("Const", "Placeholder"))


def test_each_head_has_its_own_columns() -> None:
    before = Attention().plain()
    result = after(before)
    assert ops(result) == {
        "MatMul": 3 * H,
        "BiasAdd": 3 * H,
        "BatchMatMulV2": 2 * H,
        "Softmax": H,
        "Transpose": H,  # of the keys
        "Reshape": 1 + 3 * H + 1,
        "ConcatV2": 1,
    }
    read = [result.constants[node.inputs[1]] for node in result.nodes if node.op == "MatMul"]
    found = [each.value for each in read if each.sources == ("q/kernel",)]
    assert [value.shape for value in found] == [(C, D)] * H
    np.testing.assert_array_equal(np.hstack(found), before.constants["q/kernel"].value)
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_stay(name: str) -> None:
    before = EXAMPLES[name]
    assert_same_numbers(before, after(before), **fed(before, batch=1))


def test_what_is_multiplied_stands_upright() -> None:
    result = after(EXAMPLES["other operands"])
    assert not any(node.attrs["adj_x"] or node.attrs["adj_y"] for node in result.nodes if node.op == "BatchMatMulV2")
    kernels = [node for node in result.nodes if node.op == "MatMul" and node.attrs["transpose_b"]]
    assert [result.constants[node.inputs[1]].value.shape for node in kernels] == [(D, C)] * H


def test_what_is_no_product_with_a_weight_is_cut() -> None:
    assert ops(after(EXAMPLES["cut"]))["Split"] == 1
    assert ops(after(EXAMPLES["cut"]))["MatMul"] == 2 * H + 1


def test_heads_are_cut_out_of_what_is_no_rows() -> None:
    result = after(EXAMPLES["turned"])
    cut = [node for node in result.nodes if node.op == "Unpack"]
    assert [(node.attrs["axis"], node.attrs["num"]) for node in cut] == [(2, H)] * 2
    assert ops(result)["Transpose"] == H


def test_a_mask_for_all_heads_is_taken_once() -> None:
    assert ops(after(EXAMPLES["padding"]))["Squeeze"] == 1
    causal = after(EXAMPLES["causal"])
    assert {causal.constants[n.inputs[0]].value.shape for n in causal.nodes if n.op == "SelectV2"} == {(1, N, N)}


def test_each_head_has_its_own_positions() -> None:
    before = EXAMPLES["a bias of positions"]
    result = after(before)
    added = [result.constants[node.inputs[1]].value for node in result.nodes if node.op == "AddV2"]
    np.testing.assert_array_equal(np.stack(added), before.constants["positions"].value)


class TestLeavesAlone:
    def test_small_heads(self) -> None:
        assert "small" in refused(Attention(asked=N - 1).plain())

    def test_one_head_and_many(self) -> None:
        assert "too many heads, or one" in refused(Attention(heads=1).plain())
        assert "too many heads, or one" in refused(Attention(heads=33).plain())

    def test_a_batch_that_is_larger(self) -> None:
        assert "larger than one" in refused(Attention(batch=2).plain())

    def test_tokens_whose_number_is_open(self) -> None:
        given = Attention(batch=1, n=None, asked=N)
        q, k, v = (given.projected(name, given.rows) for name in "qkv")
        heads = [
            given.moved(f"{name}/moved", given.reshaped(f"{name}/split", y, [1, -1, H, D]), *order)
            for name, y, order in (("q", q, (0, 2, 1, 3)), ("k", k, (0, 2, 3, 1)), ("v", v, (0, 2, 1, 3)))
        ]
        shares = given.draft.typed("Softmax", "shares", given.product("scores", *heads[:2]))
        assert "isn't known" in refused(given.together(given.product("attended", shares, heads[2])))

    def test_another_order(self) -> None:
        given = Attention()
        scores = given.product("scores", given.queries(), given.keys())
        attended = given.product("attended", given.draft.typed("Softmax", "shares", scores), given.values())
        assert "isn't attention" in refused(given.together(attended, order=(0, 2, 3, 1)))

    def test_what_mixes_the_heads(self) -> None:
        def mixed(draft: Draft, scores: str) -> str:
            return draft.typed("Cumsum", "mixed", scores, draft.const("axis", np.int32(1)), Tidx=INT)

        assert "can't be told apart" in refused(Attention().plain(then=mixed))

    def test_scores_that_are_an_output(self) -> None:
        given = Attention()
        scores = given.product("scores", given.queries(), given.keys())
        attended = given.product("attended", given.draft.typed("Softmax", "shares", scores), given.values())
        assert "others read it" in refused(given.together(attended, "shares"))

    def test_heads_that_were_never_projected(self) -> None:
        draft = Draft()
        q, k, v = (draft.input(name, (None, H, N, N if name != "v" else D)) for name in "qkv")
        given = Attention()
        given.draft = draft
        shares = draft.typed("Softmax", "shares", given.product("scores", q, k))
        assert "can't be told apart" in refused(given.together(given.product("attended", shares, v)))

    def test_a_product_alone(self) -> None:
        given = Attention()
        q = given.laid_out("q", given.projected("q", given.rows), N, 0, 2, 1, 3)
        assert "can't be told apart" in refused(given.together(given.draft.typed("Softmax", "shares", q)))


def test_a_weight_that_others_read_stays_whole() -> None:
    """Its columns would be there twice: the product is cut instead."""
    given = Attention()
    kernel = given.draft.const("shared", weights(C, H * D))
    keys = given.laid_out("k", given.projected("k", given.rows, kernel=kernel), N, 0, 2, 3, 1)
    values = given.laid_out("v", given.projected("v", given.rows, kernel=kernel), N, 0, 2, 1, 3)
    shares = given.draft.typed("Softmax", "shares", given.product("scores", given.queries(), keys))
    before = given.together(given.product("attended", shares, values))
    result = after(before)
    assert result.constants["shared"].value.shape == (C, H * D)
    assert ops(result)["Split"] == 2
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize(
    ("backends", "applied"), [(("wasm",), 1), (("cpu", "wasm"), 1), (("cpu",), 0), (("wasm", "webgl"), 0), (None, 0)]
)
def test_only_where_no_gpu_is_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(Attention().plain(), replace(PLAIN, backends=backends))
    assert done.applied.get("heads_apart", 0) == applied
    told = [each.reason for each in done.refusals if each.rule == "heads_apart"]
    assert ("where more kernels are more to start" in " ".join(told)) == (backends is None or "webgl" in backends)
