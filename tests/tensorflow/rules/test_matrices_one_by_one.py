from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft
from keeps_numbers import PLAIN

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.matrices_one_by_one import LEAST, RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])


def products(
    *, batch: int | None = None, left: int = 2, right: int = 2, rows: int = 80, adj_x: bool = False, adj_y: bool = False
) -> Graph:
    """Matrices of rows × 80 with others of 80 × 90, as many on the left and on the right."""
    draft = Draft()
    x = draft.input("x", (batch, left, *((80, rows) if adj_x else (rows, 80))))
    y = draft.input("y", (batch, right, *((90, 80) if adj_y else (80, 90))))
    return draft.graph(draft.typed("BatchMatMulV2", "z", x, y, adj_x=adj_x, adj_y=adj_y))


def fed(graph: Graph) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"].shape for node in graph.nodes if node.op == "Placeholder"}
    return {
        name: rng.normal(size=[2 if size is None else size for size in shape]).astype(np.float32)
        for name, shape in shapes.items()
    }


WANTED: tuple[Backend, ...] = ("wasm", "cpu")
EXAMPLES = {"two": products(batch=1), "transposed": products(adj_x=True, adj_y=True)}


def test_each_has_a_product_of_its_own() -> None:
    before = products()
    result = after(before)
    assert show(result) == (
        "x = Placeholder()\ny = Placeholder()\nz/unpack = Unpack(x)\nz/unpack_1 = Unpack(y)\n"
        "z/batchmatmulv2 = BatchMatMulV2(z/unpack, z/unpack_1)\n"
        "z/batchmatmulv2_1 = BatchMatMulV2(z/unpack:1, z/unpack_1:1)\n"
        "z = Pack(z/batchmatmulv2, z/batchmatmulv2_1)\n-> z"
    )
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize(("adj_x", "adj_y"), list(product([False, True], repeat=2)))
def test_transposed_ones(adj_x: bool, adj_y: bool) -> None:
    before = products(adj_x=adj_x, adj_y=adj_y)
    result = after(before)
    assert [node.op for node in result.nodes].count("Transpose") == adj_x + adj_y
    assert_same_numbers(before, result, **fed(before))


class TestLeavesAlone:
    def test_small_ones(self) -> None:
        assert 80 * 90 * 69 < LEAST <= 80 * 90 * 70
        assert "too small" in refused(products(rows=69))
        assert after(products(rows=70))

    def test_many(self) -> None:
        assert "too many" in refused(products(left=33, right=33))

    def test_one(self) -> None:
        assert "too many" in refused(products(left=1, right=1))

    def test_a_batch_that_is_larger(self) -> None:
        assert "larger than one" in refused(products(batch=2))

    def test_one_matrix_for_all(self) -> None:
        assert "serve all" in refused(products(left=2, right=1))

    def test_a_product_of_another_rank(self) -> None:
        draft = Draft()
        x, y = draft.input("x", (None, 80, 80)), draft.input("y", (None, 80, 90))
        graph = draft.graph(draft.typed("BatchMatMulV2", "z", x, y, adj_x=False, adj_y=False))
        assert "several matrices" in refused(graph)


@pytest.mark.parametrize(
    ("backends", "applied"),
    [(("wasm",), 1), (("cpu", "wasm"), 1), (("cpu",), 0), (("wasm", "webgl"), 0), (("webgpu", "wasm"), 0), (None, 0)],
)
def test_only_where_no_gpu_is_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(products()), replace(PLAIN, backends=backends))
    assert done.applied.get("matrices_one_by_one", 0) == applied


@pytest.mark.parametrize(
    ("backends", "said"),
    [
        (("wasm", "webgl"), ["it is to run on webgl, too, where more kernels are more to start"]),
        (("webgpu", "wasm", "webgl"), ["it is to run on webgl and webgpu, too, where more kernels are more to start"]),
        (("webgl", "cpu"), []),
    ],
)
def test_where_one_is_wanted_it_is_told(backends: tuple[Backend, ...], said: list[str]) -> None:
    done = rewrite_with(inferred(products()), replace(PLAIN, backends=backends))
    assert [each.reason for each in done.refusals if each.rule == "matrices_one_by_one"] == said
    small = rewrite_with(inferred(products(rows=60)), replace(PLAIN, backends=backends))
    assert "to run on" not in str(small.refusals)
