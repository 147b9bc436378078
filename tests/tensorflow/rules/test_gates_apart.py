from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import readings_of
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import DType, Graph
from tfjsci.quantize.channels import channel_axes
from tfjsci.rewrite.rules.gates_apart import RULES
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

UNITS = 3


def cells(
    *,
    steps: int = 2,
    both: bool = False,
    read: tuple[int, ...] = (0, 1),
    beside: str = "parts",
    output: str = "",
    bias: int = 3 * UNITS,
) -> Graph:
    """Steps of a GRU whose reset gate follows the product, as they are once its gates are one Sigmoid."""
    draft = Draft()
    h = draft.input("h", (2, 1, UNITS) if both else (1, UNITS))
    if both:
        w = draft.typed(
            "Pack", "w", *(draft.const(f"w{i}", weights(UNITS, 3 * UNITS, seed=i)) for i in range(2)), axis=0, N=2
        )
        pair = draft.typed("Pack", "bs", *(draft.const(f"b{i}", weights(bias, seed=i)) for i in range(2)), axis=0, N=2)
        b = draft.typed("ExpandDims", "b", pair, draft.const("one", np.int32(1)), Tdim=DType("int32"))
    else:
        w, b = draft.const("w", weights(UNITS, 3 * UNITS)), draft.const("b", weights(bias))
    rank = 3 if both else 2
    x = draft.input("x", (steps, 2, 1, 3 * UNITS) if both else (steps, 1, 3 * UNITS))
    rows = draft.typed("Unpack", "rows", x, axis=0, num=steps)
    axis = draft.const("axis", np.int32(rank - 1))
    begin = draft.const("begin", np.array([0] * (rank - 1) + [2 * UNITS], np.int32))
    size = draft.const("size", np.array([-1] * (rank - 1) + [UNITS], np.int32))
    for i in range(steps):
        step = f"{rows}:{i}" if i else rows
        if both:
            product = draft.typed("BatchMatMulV2", f"product{i}", h, w, adj_x=False, adj_y=False)
            biased = draft.typed("AddV2", f"biased{i}", product, b)
        else:
            biased = draft.bias_add(f"biased{i}", draft.matmul(f"product{i}", h, w), b)
        gates = draft.typed("Sigmoid", f"gates{i}", draft.typed("AddV2", f"total{i}", step, biased))
        parts = draft.typed("Split", f"parts{i}", axis, gates, num_split=3)
        z, r = (f"{parts}:{j}" if j else parts for j in read[:2])
        slices = {"T": DType("float32"), "Index": DType("int32")}
        if beside == "parts":
            own = draft.op("Slice", f"own{i}", biased, begin, size, **slices)
            given = draft.op("Slice", f"given{i}", step, begin, size, **slices)
        else:
            own = given = draft.typed("Neg", f"own{i}", draft.op("Slice", f"cut{i}", step, begin, size, **slices))
        new = draft.typed(
            "Tanh", f"new{i}", draft.typed("AddV2", f"sum{i}", given, draft.typed("Mul", f"m{i}", r, own))
        )
        h = draft.typed("AddV2", f"h{i}", new, draft.typed("Mul", f"n{i}", z, draft.typed("Sub", f"s{i}", h, new)))
        if len(read) > 2:
            h = draft.typed("AddV2", f"more{i}", h, f"{parts}:{read[2]}")
    return draft.graph(h, *([output] if output else []))


def fed(graph: Graph) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"].shape for node in graph.nodes if node.op == "Placeholder"}  # type: ignore[union-attr]
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def tidied(graph: Graph) -> Graph:
    """With what each match made once, as the stage does it."""
    return with_shared_nodes(with_shared_constants(graph))


WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
EXAMPLES = {"a GRU": cells(), "both directions": cells(both=True)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_two_products_and_parts_of_all_steps(name: str) -> None:
    before = EXAMPLES[name]
    result = tidied(after(before))
    ops = Counter(node.op for node in result.nodes)
    assert ops["MatMul"] + ops["BatchMatMulV2"] == 4, "two at each step"
    assert ops["Unpack"] == 2, "of all steps"
    assert ops["Slice"] == (6 if name == "both directions" else 4), "of the weights and of all steps"
    assert [node.attrs["num_split"] for node in result.nodes if node.op == "Split"] == [2, 2]
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize("name", EXAMPLES)
def test_weights_are_quantised_and_calibrated_as_before(name: str) -> None:
    before = EXAMPLES[name]
    result = tidied(after(before))
    for weight in ("w0", "w1") if name == "both directions" else ("w",):
        assert channel_axes(result, weight) == (1,)
        found = readings_of(plain_ops(inferred(result)), weight)
        assert isinstance(found, tuple)
        assert len(found) == 4
    assert_same_numbers(before, plain_ops(inferred(result)), **fed(before))


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (cells(read=(0, 1, 2)), ""),
        (cells(read=(1, 2)), ""),
        (cells(beside="others"), "no part is wanted"),
    ],
)
def test_near_misses(graph: Graph, why: str) -> None:
    assert why in refused(graph)


@pytest.mark.parametrize("output", ["biased0", "total0", "gates0", "parts0:2"])
def test_what_is_wanted_as_it_is(output: str) -> None:
    before = cells(output=output)
    result = tidied(after(before))
    ops = Counter(node.op for node in result.nodes)
    assert ops["MatMul"] == 3, "one in this step, and two in the other one, which is done"
    assert_same_numbers(before, result, **fed(before))
