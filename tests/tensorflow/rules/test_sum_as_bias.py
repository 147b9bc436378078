from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.catalog.restrictions.matrices import LONG_VECTOR
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.sum_as_bias import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)


def added(
    *,
    x: Shape = (2, 4),
    w: tuple[int, ...] | None = (4, 5),
    y: Shape = (2, 5),
    activation: str = "",
    swapped: bool = False,
    constant: bool = False,
    output: bool = False,
    transposed: bool = False,
) -> Graph:
    """What is added to a product of x."""
    draft = Draft()
    data = draft.input("x", x)
    kernel = draft.const("w", weights(*w)) if w is not None else draft.input("w", (*(x or ())[:-2], 4, 5))
    if len(x or ()) == 2 and len(w or ()) == 2:
        product = draft.matmul("product", data, kernel, transpose_b=transposed)
    else:
        product = draft.typed("BatchMatMulV2", "product", data, kernel, adj_x=False, adj_y=transposed)
    more = draft.const("y", weights(*(size or 1 for size in y or ()))) if constant else draft.input("y", y)
    total = draft.typed("AddV2", "total", *((more, product) if swapped else (product, more)))
    last = draft.typed(activation, "last", total) if activation else total
    return draft.graph(draft.typed("Neg", "out", last), *([product] if output else []))


def fed(graph: Graph) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"].shape for node in graph.nodes if node.op == "Placeholder"}  # type: ignore[union-attr]
    return {
        name: rng.normal(size=[2 if size is None else size for size in shape]).astype(np.float32)
        for name, shape in shapes.items()
    }


WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
EXAMPLES = {
    "a matrix, and a Sigmoid": added(activation="Sigmoid"),
    "matrices": added(x=(3, 2, 4), w=(3, 4, 5), y=(3, 2, 5), activation="Relu"),
    "rows of sizes that are spread": added(x=(3, 2, 4), w=(3, 4, 5), y=(3, 1, 5), swapped=True),
    "no weights": added(x=(3, 2, 4), w=None, y=(5,), activation="LeakyRelu"),
    "a transposed weight": added(w=(5, 4), transposed=True),
    "one row": added(x=(1, 4), y=(1, 5), activation="Elu"),
}


def test_the_product_adds_it() -> None:
    before = added(activation="Sigmoid")
    result = after(before)
    assert show(result) == (
        "x = Placeholder()\ny = Placeholder()\nlast = _FusedMatMul(x, w, y)\nout = Neg(last)\n-> out"
    )
    assert result["last"].attrs["fused_ops"] == (b"BiasAdd", b"Sigmoid")
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_numbers(name: str) -> None:
    before = EXAMPLES[name]
    result = after(before)
    assert "AddV2" not in [node.op for node in result.nodes]
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (added(constant=True), "fuse_bias takes it"),
        (added(x=(1, 4), y=(2, 5)), "product's shape"),
        (added(x=(None, 4), y=(None, 5)), "product's shape"),
        (added(y=(3, 2, 5)), "product's shape"),
        (added(y=None), "product's shape"),
        (added(x=(2, 3, 2, 4), w=(2, 3, 4, 5), y=(2, 3, 2, 5)), "4 dimensions"),
        (added(x=(1, LONG_VECTOR + 1), w=(LONG_VECTOR + 1, 5), y=(1, 5)), f"more than {LONG_VECTOR} numbers"),
        (added(output=True), ""),
        (added(activation="Tanh", constant=True), "fuse_bias takes it"),
    ],
)
def test_near_misses(graph: Graph, why: str) -> None:
    assert why in refused(graph)


def test_a_vector_of_as_many_numbers_as_webgl_multiplies_at_once() -> None:
    assert after(added(x=(1, LONG_VECTOR), w=(LONG_VECTOR, 5), y=(1, 5)))


def test_an_activation_that_no_kernel_has_stays_a_node() -> None:
    assert [node.op for node in after(added(activation="Tanh")).nodes][-2:] == ["Tanh", "Neg"]
