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
from tfjsci.graph.graph import Graph, Shape
from tfjsci.quantize.channels import channel_axes
from tfjsci.rewrite.rules.gates_together import RULE
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

LSTM = ("Sigmoid", "Sigmoid", "Tanh", "Sigmoid")


def cells(
    *,
    gates: tuple[str, ...] = LSTM,
    steps: int = 2,
    shape: Shape = (None, 2, 12),
    axis: int = 1,
    along: int = -1,
    both: bool = False,
    weight: bool = True,
    unpacked: bool = True,
    output: str = "",
) -> Graph:
    """Steps of an LSTM, whose state is no more than the sum of its gates."""
    draft = Draft()
    h = draft.input("h", (2, 1, 3) if both else (1, 3))
    size = 3 * len(gates)
    if both:
        pair = [draft.const(f"w{i}", weights(3, size, seed=i)) for i in range(2)]
        w = draft.typed("Pack", "w", *pair, axis=0, N=2)
    else:
        w = draft.const("w", weights(3, size)) if weight else draft.input("w", (3, size))
    rows = draft.typed("Unpack", "rows", draft.input("x", shape), axis=axis, num=steps)
    last = draft.const("axis", np.int32(along))
    for i in range(steps):
        step = f"{rows}:{i}" if i else rows
        if not unpacked:
            step = draft.typed("Neg", f"step{i}", step)
        if both:
            product = draft.typed("BatchMatMulV2", f"product{i}", h, w, adj_x=False, adj_y=False)
        else:
            product = draft.matmul(f"product{i}", h, w)
        total = draft.typed("AddV2", f"total{i}", step, product)
        parts = draft.typed("Split", f"parts{i}", last, total, num_split=len(gates))
        made = [draft.typed(op, f"gate{i}_{j}", f"{parts}:{j}" if j else parts) for j, op in enumerate(gates)]
        h = draft.typed("AddN", f"h{i}", *made, N=len(made))
    return draft.graph(h, *([output] if output else []))


def fed(graph: Graph) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"].shape for node in graph.nodes if node.op == "Placeholder"}  # type: ignore[union-attr]
    return {
        name: rng.normal(size=[1 if size is None else size for size in shape]).astype(np.float32)
        for name, shape in shapes.items()
    }


def tidied(graph: Graph) -> Graph:
    """With what each match made once, as the stage does it."""
    return with_shared_nodes(with_shared_constants(graph))


WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
EXAMPLES = {
    "an LSTM": cells(shape=(1, 2, 12)),
    "both directions": cells(both=True, shape=(2, 2, 1, 12), axis=0),
    "three gates": cells(gates=("Tanh", "Sigmoid", "Sigmoid"), steps=3, shape=(3, 1, 9), axis=0),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_one_sigmoid_for_each_step(name: str) -> None:
    before = EXAMPLES[name]
    result = tidied(after(before))
    ops = Counter(node.op for node in result.nodes)
    steps = before["rows"].attrs["num"]
    assert (ops["Sigmoid"], ops["Tanh"], ops["Unpack"], ops["Split"]) == (steps, 0, 1, steps)
    assert ops["Mul"] == 2 + steps, "the weights and all steps once, and twice the part that was a Tanh's"
    assert_same_numbers(before, result, **fed(before))


def test_weights_are_quantised_and_calibrated_as_before() -> None:
    before = cells(both=True, shape=(2, 2, 1, 12), axis=0)
    result = tidied(after(before))
    for name in ("w0", "w1"):
        assert channel_axes(result, name) == (1,)
        found = readings_of(plain_ops(inferred(result)), name)
        assert isinstance(found, tuple)
        assert len(found) == 2, "at each step"
    assert_same_numbers(before, plain_ops(inferred(result)), **fed(before))


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (cells(gates=("Sigmoid",) * 4, shape=(1, 2, 12)), "or all do"),
        (cells(gates=("Tanh", "Tanh", "Sigmoid"), shape=(1, 2, 9)), "fewer parts"),
        (cells(gates=("Sigmoid", "Tanh", "Relu", "Sigmoid"), shape=(1, 2, 12)), ""),
        (cells(shape=(1, 2, 12), weight=False), "one with weights"),
        (cells(shape=(1, 2, 12), unpacked=False), ""),
        (cells(shape=None), "the last dimension"),
    ],
)
def test_near_misses(graph: Graph, why: str) -> None:
    assert why in refused(graph)


@pytest.mark.parametrize("output", ["total0", "product0", "parts0"])
def test_what_is_wanted_as_it_is(output: str) -> None:
    before = cells(shape=(1, 2, 12), output=output)
    result = tidied(after(before))
    assert Counter(node.op for node in result.nodes)["Tanh"] == 1, "of this step; the other one is done"
    assert_same_numbers(before, result, **fed(before))
