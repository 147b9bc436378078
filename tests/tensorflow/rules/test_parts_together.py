from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, FunctionBody, Graph, Shape, ShapeAttr
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import rewrite
from tfjsci.rewrite.rules.parts_together import MOST, RULE
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])


def split(draft: Draft, name: str, x: str, count: int, *, axis: int = 1, sizes: tuple[int, ...] | None = None) -> str:
    along = draft.const(f"{name}/axis", np.array(axis, np.int32))
    if sizes is None:
        return draft.typed("Split", name, along, x, num_split=count)
    many = draft.const(f"{name}/sizes", np.array(sizes, np.int32))
    return draft.typed("SplitV", name, x, many, along, num_split=count, Tlen=DType("int32"))


def gates(
    *together: int,
    op: str = "Sigmoid",
    rest: str = "",
    count: int = 4,
    shape: Shape = (None, 8),
    output: bool = False,
    **cut: Any,
) -> Graph:
    """``op`` of those parts that go ``together``, ``rest`` of the others (none: nobody reads them)."""
    draft = Draft()
    s = split(draft, "s", draft.input("x", shape), count, **cut)
    ops = [op if i in together else rest for i in range(count)]
    made = [draft.typed(each, f"y{i}", f"{s}:{i}") for i, each in enumerate(ops) if each]
    return draft.graph(*made, *([f"{s}:2"] if output else []))


def sums(
    *, y_shape: Shape = (None, 6), y_axis: int = 1, y_count: int = 3, swapped: bool = False, x_shape: Shape = (None, 6)
) -> Graph:
    """A GRU's: the first two parts of x and of y are added and go through a Sigmoid, the third ones are multiplied."""
    draft = Draft()
    s = split(draft, "s", draft.input("x", x_shape), 3)
    t = split(draft, "t", draft.input("y", y_shape), y_count, axis=y_axis)
    outputs = []
    for i in range(2):
        parts = (f"{s}:{i}", f"{t}:{i}")
        added = draft.typed("AddV2", f"sum{i}", *(parts[::-1] if swapped and i else parts))
        outputs.append(draft.typed("Sigmoid", f"gate{i}", added))
    return draft.graph(*outputs, draft.typed("Mul", "rest", f"{s}:2", f"{t}:2"))


def with_number(*numbers: float) -> Graph:
    """Each half and a number of its own."""
    draft = Draft()
    s = split(draft, "s", draft.input("x", (None, 6)), 2)
    known = {number: draft.const(f"c{i}", np.float32(number)) for i, number in enumerate(dict.fromkeys(numbers))}
    return draft.graph(*(draft.typed("Maximum", f"y{i}", f"{s}:{i}", known[n]) for i, n in enumerate(numbers)))


def squares() -> Graph:
    """Three of four parts, each multiplied with itself; the last goes through a Tanh."""
    draft = Draft()
    s = split(draft, "s", draft.input("x", (None, 8)), 4)
    made = [draft.typed("Mul", f"y{i}", f"{s}:{i}", f"{s}:{i}") for i in range(3)]
    return draft.graph(*made, draft.typed("Tanh", "y3", f"{s}:3"))


def alone() -> Graph:
    """Two parts, of which each is computed in its way."""
    draft = Draft()
    s = split(draft, "s", draft.input("x", (None, 6)), 2)
    return draft.graph(draft.typed("Relu", "y0", f"{s}:0"), draft.typed("Tanh", "y1", f"{s}:1"))


def fed(graph: Graph) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    shapes = {node.name: node.attrs["shape"] for node in graph.nodes if node.op == "Placeholder"}
    return {
        name: rng.normal(size=[3 if n is None else n for n in attr.shape or ()]).astype(np.float32)
        for name, attr in shapes.items()
        if isinstance(attr, ShapeAttr)
    }


def tidied(graph: Graph) -> Graph:
    """With what each match made once, as the stage does it."""
    return with_shared_nodes(with_shared_constants(graph))


def counted(graph: Graph) -> Counter[str]:
    return Counter(node.op for node in graph.nodes if node.op not in ("Const", "Identity", "Placeholder"))


EXAMPLES = {
    "a GRU's gates": sums(),
    "all parts": gates(0, 1, 2, 3, op="Tanh"),
    "of a SplitV": gates(0, 1, 2, sizes=(1, 2, 3, 2)),
    "with a number": with_number(0.5, 0.5),
    "of the first dimension": gates(0, 1, 2, shape=(4, 5), axis=0),
}


def test_all_are_one() -> None:
    before = gates(0, 1, count=2)
    result = tidied(after(before))
    assert show(result) == (
        "x = Placeholder()\ny0/sigmoid = Sigmoid(x)\ny0/split = Split(s/axis, y0/sigmoid)\n"
        "y0 = Identity(y0/split)\ny1 = Identity(y0/split:1)\n-> y0, y1"
    )
    assert_same_numbers(before, result, **fed(before))


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_numbers(name: str) -> None:
    before = EXAMPLES[name]
    assert_same_numbers(before, tidied(after(before)), **fed(before))


def test_one_may_be_computed_in_vain() -> None:
    assert counted(tidied(after(gates(0, 1, 3)))) == {"Sigmoid": 1, "Split": 1}
    assert counted(tidied(after(gates(0, 1, 2, 4, rest="Tanh", count=5, shape=(None, 10))))) == {
        "Sigmoid": 1, "Split": 2, "Tanh": 1,
    }  # fmt: skip


def test_the_sum_of_parts_and_what_follows_on_it() -> None:
    before = sums()
    added = inferred(replace(tidied(after(before)), types={}))
    assert counted(added) == {"AddV2": 1, "Sigmoid": 2, "Split": 3, "Mul": 1}
    assert_same_numbers(before, added, **fed(before))


def test_in_the_body_of_a_loop() -> None:
    inner = inferred(gates(0, 1, 3, 2))
    draft = Draft()
    draft.input("x", (None, 8))
    functions = {"f": FunctionBody(name="f", graph=inner, inputs=("x",))}
    done = apply_rules(draft.graph("x", functions=functions), [RULE])
    assert counted(tidied(done.graph).functions["f"].graph) == {"Sigmoid": 1, "Split": 1}


def test_all_stages_where_there_are_slopes_too() -> None:
    """TensorFlow, which is asked for the types of what is new, doesn't know Prelu."""
    before = sums()
    draft = Draft()
    z = draft.input("z", (None, 4))
    below = draft.typed("Mul", "below", draft.const("slope", 0.3), draft.typed("Relu", "r", draft.typed("Neg", "n", z)))
    draft.typed("Sub", "sloped", draft.typed("Relu", "above", z), below)
    constants = {**before.constants, **draft.constants}
    outputs = (*before.outputs, "sloped")
    both = Graph(nodes=(*before.nodes, *draft.nodes), outputs=outputs, constants=constants)
    done = rewrite(both, evaluate=evaluate_in_tensorflow, infer=infer_types)
    assert done.counts.keys() >= {"parts_together", "prelu_spellings_subtracted"}
    assert_same_numbers(both, done.graph, **fed(both))


class TestLeavesAlone:
    def test_one_that_is_alone(self) -> None:
        assert "no other part" in refused(alone())

    def test_two_of_four(self) -> None:
        assert "more than one would be in vain" in refused(gates(0, 1))

    def test_a_part_more_that_is_wanted_as_it_is(self) -> None:
        assert "wanted as it is" in refused(gates(0, 1, 2, rest="Tanh", output=True))

    def test_an_lstms_gates(self) -> None:
        """The part for a Tanh is cut out once more, which takes as long as the two Sigmoids: benchmarks/README.md."""
        assert "costs as much" in refused(gates(0, 1, 3, rest="Tanh"))
        assert "costs as much" in refused(squares())  # one tensor that is split, though it is read twice

    def test_other_numbers(self) -> None:
        assert "no other part" in refused(with_number(0.5, 0.25))

    def test_other_places(self) -> None:
        draft = Draft()
        s, t = (split(draft, name, draft.input(f"{name}/x", (None, 6)), 2) for name in "st")
        crossed = draft.graph(*(draft.typed("AddV2", f"y{i}", f"{s}:{i}", f"{t}:{1 - i}") for i in range(2)))
        assert "same place" in refused(crossed)

    def test_two_tensors_that_are_not_split_alike(self) -> None:
        assert "split alike" in refused(sums(y_shape=(1, 6), x_shape=(None, 3)))
        assert "split alike" in refused(sums(y_shape=(3, 2), y_axis=0))

    def test_two_tensors_whose_sizes_are_not_known(self) -> None:
        assert "split alike" in refused(sums(x_shape=(None, None), y_shape=(None, None)))

    def test_two_tensors_in_the_other_order(self) -> None:
        assert "no other part" in refused(sums(swapped=True))

    def test_much_in_vain(self) -> None:
        assert "in vain" in refused(gates(0, 1, 3, shape=(None, MOST + 4)))
        assert after(gates(0, 1, 2, 3, shape=(None, MOST + 4)))

    def test_in_vain_as_often_as_is_not_known(self) -> None:
        assert "in vain" in refused(gates(0, 1, 3, shape=(None, None, 8), axis=2))

    def test_whole_numbers(self) -> None:
        draft = Draft("int32")
        s = split(draft, "s", draft.input("x", (None, 4)), 2)
        assert "numbers" in refused(draft.graph(*(draft.typed("Neg", f"y{i}", f"{s}:{i}") for i in range(2))))
