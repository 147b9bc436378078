from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from keeps_numbers import PLAIN

from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import readings_of
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.quantize.channels import channel_axes
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.products_as_batch import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

X = np.random.default_rng(1).normal(size=(2, 3, 4)).astype(np.float32)


def both(
    *,
    parts: tuple[int, int] = (0, 1),
    columns: tuple[int, int] = (5, 5),
    axis: int = 0,
    packed: int = 0,
    bias: bool = False,
    transposed: tuple[bool, bool] = (False, False),
    behind: str = "Tanh",
) -> Graph:
    """Both halves of x, each multiplied with a weight of its own, and put together again."""
    draft = Draft()
    x = draft.input("x", (2, None, 4) if axis == 0 else (None, 2, 4))
    halves = draft.typed("Unpack", "halves", x, axis=axis, num=2)
    made = []
    for i, (part, size) in enumerate(zip(parts, columns, strict=True)):
        shape = (size, 4) if transposed[i] else (4, size)
        w = draft.const(f"w{i}", weights(*shape, seed=i))
        y = draft.matmul(f"y{i}", f"{halves}:{part}" if part else halves, w, transpose_b=transposed[i])
        made.append(draft.bias_add(f"z{i}", y, draft.const(f"b{i}", weights(size, seed=i))) if bias else y)
    whole = draft.typed("Pack", "whole", *made, axis=packed, N=2)
    return draft.graph(draft.typed(behind, "out", whole))


WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
EXAMPLES = {"both": both(), "with a bias": both(bias=True), "transposed": both(transposed=(True, True))}


def test_one_product_with_both_weights() -> None:
    before = both()
    result = after(before)
    assert show(result) == (
        "x = Placeholder()\nwhole/pack = Pack(w0, w1)\nwhole = BatchMatMulV2(x, whole/pack)\nout = Tanh(whole)\n-> out"
    )
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_numbers(name: str) -> None:
    result = after(EXAMPLES[name])
    assert "MatMul" not in [node.op for node in result.nodes]
    assert_same_numbers(EXAMPLES[name], result, x=X)


def test_weights_are_quantised_and_calibrated_as_before() -> None:
    before, result = both(), after(both())
    for name in ("w0", "w1"):
        assert channel_axes(before, name) == channel_axes(result, name) == (1,)
        wanted, found = readings_of(before, name), readings_of(plain_ops(inferred(result)), name)
        assert isinstance(wanted, tuple)
        assert isinstance(found, tuple)
        assert [each.layout for each in found] == [each.layout for each in wanted] == ["in-out"]
    assert_same_numbers(before, plain_ops(inferred(result)), x=X)


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (both(parts=(1, 0)), "in order"),
        (both(parts=(0, 0)), "in order"),
        (both(axis=1), "another dimension"),
        (both(packed=1), "another dimension"),
        (both(transposed=(True, False), columns=(4, 4)), "two shapes"),
    ],
)
def test_near_misses(graph: Graph, why: str) -> None:
    assert why in refused(graph)


def test_weights_that_are_none() -> None:
    draft = Draft()
    halves = draft.typed("Unpack", "halves", draft.input("x", (2, 3, 4)), axis=0, num=2)
    w = draft.input("w", (4, 5))
    made = [draft.matmul(f"y{i}", f"{halves}:{i}" if i else halves, w) for i in range(2)]
    assert refused(draft.graph(draft.typed("Pack", "whole", *made, axis=0, N=2))) == ""


@pytest.mark.parametrize(
    ("backends", "applied"),
    [(("webgl",), 1), (("webgl", "webgpu", "cpu"), 1), (("wasm", "webgl"), 0), (("cpu",), 0), (None, 0)],
)
def test_for_gpus_alone(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done: Any = rewrite_with(inferred(both()), replace(PLAIN, backends=backends))
    assert done.applied.get("products_as_batch", 0) == applied
    told = [each.reason for each in done.refusals if each.rule == "products_as_batch" and "to run on" in each.reason]
    assert told == (
        ["it is to run on wasm, too, where a product of matrices takes longer than one of each"]
        if backends is None or "wasm" in backends
        else []
    )
