"""Chains of shape arithmetic: what is told of them without running is what numpy gives at every size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from graph_draft import Draft
from hypothesis import given, settings
from shape_chains import INT, MASKS, Chain, chains

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import DType, Graph, Node, Shape, TensorType
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.size import Atom, Dimension, Element, Number, of
from tfjsci.rewrite.symbolic.sizes import LONGEST, Sizes, sharpened, sizes_of


@settings(deadline=None)
@given(chains())
def test_what_is_told_of_a_chain_is_what_it_computes(drawn: tuple[Chain, dict[Atom, int]]) -> None:
    chain, atoms = drawn
    sizes = Sizes(chain.graph())
    for name, wanted in chain.values.items():
        if name == "x":
            continue
        told = sizes.value(name)
        assert told is not None
        found = [size.at(number, named(chain, number, atoms)) for number in told.reshape(-1)]
        assert (told.shape, found) == (wanted.shape, wanted.reshape(-1).tolist()), f"{name}: {told}"


def named(chain: Chain, number: Number, atoms: dict[Atom, int]) -> dict[Atom, int]:
    """The atoms' values, with what wasn't told read from the tensor itself."""
    own = number.atoms if isinstance(number, size.Size) else ()
    missing = {a for a in own if isinstance(a, Element) and a not in atoms}
    return {**atoms, **{a: int(chain.values[a.tensor].reshape(-1)[a.index]) for a in missing}}


def of_ops(*nodes: Node, shape: Shape = (None, None, 16), whole: tuple[str, ...] = (), **constants: Any) -> Sizes:
    """What is known of a float ``x`` of ``shape`` and the nodes on it, their types not inferred."""
    draft = Draft()
    draft.input("x", shape)
    for name, value in constants.items():
        draft.const(name, np.array(value, np.int32))
    draft.nodes += nodes
    ints = {"Shape", "Prod", "GatherV2", "Pack", "StridedSlice", *whole}
    types = {n.name: TensorType(dtype="int32" if n.op in ints else "float32", shape=None) for n in nodes}
    types |= {n.name: TensorType(dtype="int32", shape=()) for n in nodes if n.op == "Placeholder"}
    return sizes_of(draft.graph(nodes[-1].name, types={**types, "x": TensorType(dtype="float32", shape=shape)}))


BATCH, ROWS = of(Dimension("x", 0)), of(Dimension("x", 1))


def node(op: str, name: str, *inputs: str, **attrs: Any) -> Node:
    return Node(name=name, op=op, inputs=inputs, attrs=attrs)


def test_a_tensordot_keeps_the_batch_that_inference_loses() -> None:
    sizes = of_ops(
        node("Shape", "s", "x"),
        node("GatherV2", "g", "s", "free", "zero"),
        node("Prod", "p", "g", "zeros"),
        node("Pack", "rows", "p", "last", axis=0),
        node("Reshape", "r", "x", "rows"),
        node("Reshape", "back", "r", "s"),
        free=[0, 1], zero=0, zeros=[0], last=16,
    )  # fmt: skip
    assert sizes.shape("r") == (size.multiply(BATCH, ROWS), 16)
    assert sizes.shape("back") == (BATCH, ROWS, 16)


def test_a_size_left_open_is_what_the_others_leave() -> None:
    sizes = of_ops(node("Reshape", "r", "x", "to"), node("Reshape", "q", "r", "two"), to=[-1, 8], two=[-1, 2, 8])
    assert sizes.shape("r") == (size.multiply(size.multiply(BATCH, ROWS), 2), 8)
    assert sizes.shape("q") == (size.multiply(BATCH, ROWS), 2, 8)


def test_a_size_that_another_tensor_holds_is_not_guessed() -> None:
    """Of an empty tensor, any number does beside a 0."""
    sizes = of_ops(
        node("Placeholder", "k", dtype=INT),
        node("Shape", "s", "x"),
        node("StridedSlice", "b", "s", "zero", "one", "one", **{**MASKS, "shrink_axis_mask": 1}),
        node("Pack", "to", "b", "k", axis=0),
        node("Reshape", "r", "x", "to"),
        zero=[0], one=[1],
    )  # fmt: skip
    assert sizes.shape("r") == (BATCH, of(Dimension("r", 1)))


def test_what_is_inferred_as_a_number_is_that_number() -> None:
    draft = Draft()
    x = draft.input("x", (None, 4))
    y = draft.typed("SomethingElse", "y", x)
    types = {
        "x": TensorType(dtype="float32", shape=(None, 4)),
        "y": TensorType(dtype="float32", shape=(None, 7)),
    }
    sizes = sizes_of(draft.graph(y, types=types))
    assert sizes.shape("y") == (of(Dimension("y", 0)), 7)


def test_types_say_what_is_known_here_beyond_them() -> None:
    draft = Draft()
    x = draft.input("x", (None, 4, 6))
    draft.typed("Reshape", "y", x, draft.const("to", np.array([-1, 12], np.int32)))
    types = {
        "x": TensorType(dtype="float32", shape=(None, 4, 6)),
        "y": TensorType(dtype="float32", shape=None),
    }
    sharper = sharpened(draft.graph("y", types=types))
    assert sharper == {**types, "y": TensorType(dtype="float32", shape=(None, 12))}


def test_what_would_be_too_long_to_say_has_a_name_of_its_own() -> None:
    """Squares of squares of a sum, and maxima of what they are maxima of: a model may do either without end."""
    nodes = [node("Shape", "s", "x"), node("Sum", "t", "s", "zeros")]
    last = "t"
    for i in range(60):
        nodes += [node("Mul", f"m{i}", last, last), node("FloorDiv", f"d{i}", f"m{i}", "two")]
        nodes.append(node("Maximum", f"x{i}", f"m{i}", f"d{i}"))
        last = f"x{i}"
    sizes = of_ops(*nodes, zeros=[0], two=2, whole=("Mul", "FloorDiv", "Maximum", "Sum"))
    told = [sizes.value(each.name) for each in nodes]
    assert all(value is not None for value in told)
    assert max(size.weight_of(n) for value in told if value is not None for n in value.reshape(-1)) <= LONGEST


def test_a_number_that_does_not_fit_its_dtype_is_not_told() -> None:
    sizes = of_ops(
        node("Shape", "s", "x"),
        node("Pack", "p", "big", "big", axis=0),
        node("Prod", "q", "p", "zeros"),
        big=2**20, zeros=[0],
    )  # fmt: skip
    assert sizes.value("q") == of(Element("q", 0))


def told(sizes: Sizes, graph: Graph) -> dict[str, tuple[object, object]]:
    """All that is known of the graph's tensors."""
    values = {node.name: sizes.value(node.name) for node in graph}
    return {
        name: (sizes.shape(name), None if value is None else (value.shape, value.reshape(-1).tolist()))
        for name, value in values.items()
    }


@settings(deadline=None)
@given(chains())
def test_following_a_change_tells_what_a_look_at_all_tells(drawn: tuple[Chain, dict[Atom, int]]) -> None:
    chain, _ = drawn
    open_ = chain.graph()
    pinned = open_.with_types({**open_.types, "x": TensorType(dtype="float32", shape=chain.values["x"].shape)})
    for before, after in ((open_, pinned), (pinned, open_)):
        assert told(Sizes(after, Sizes(before)), after) == told(Sizes(after), after)


class Counting(Sizes):
    """``looked_at``, which nodes were, in order."""

    def __init__(self, graph: Graph, before: Sizes | None = None) -> None:
        self.looked_at: list[str] = []
        super().__init__(graph, before)

    def _visit(self, graph: Graph, node: Node) -> None:
        self.looked_at.append(node.name)
        super()._visit(graph, node)


def test_only_what_is_behind_a_change_is_looked_at_up_to_where_the_same_comes_out() -> None:
    draft = Draft()
    draft.input("x", (None, 4))
    draft.op("Relu", "a", "x", T=DType("float32"))
    draft.op("Tanh", "b", "a", T=DType("float32"))
    draft.op("Shape", "s", "x", T=DType("float32"), out_type=INT)
    draft.op("Relu", "c", "b", T=DType("float32"))
    types = {name: TensorType(dtype="float32", shape=(None, 4)) for name in "xabc"}
    graph = draft.graph("c", "s", types={**types, "s": TensorType(dtype="int32", shape=(2,))})
    before = Counting(graph)
    assert before.looked_at == ["x", "a", "b", "s", "c"]
    assert Counting(graph, before).looked_at == []
    other = replace(graph, nodes=tuple(replace(n, op="Elu") if n.name == "a" else n for n in graph.nodes))
    assert Counting(other, before).looked_at == ["a"]
    fewer = replace(graph, nodes=tuple(n.reading(("a",)) if n.name == "c" else n for n in graph.nodes)).pruned()
    after = Counting(fewer, before)
    assert (after.looked_at, after.shape("b"), after.shape("c")) == (["c"], None, before.shape("c"))
    pinned = graph.with_types({**graph.types, "x": TensorType(dtype="float32", shape=(2, 4))})
    assert Counting(pinned, before).looked_at == ["x", "a", "b", "s", "c"]


def test_along_a_graphs_history_the_same_is_followed() -> None:
    draft = Draft()
    draft.op("Relu", "a", draft.input("x", (None, 4)), T=DType("float32"))
    graph = draft.graph(draft.op("Tanh", "b", "a", T=DType("float32"))).pruned()
    first = Counting(graph)
    led = edited(graph, put={"b": graph["b"].reading(("x",))})
    second = Counting(led, first)
    assert (second.looked_at, second.shape("a")) == (["b"], None)
    pinned = led.with_types({"x": TensorType(dtype="float32", shape=(2, 4))})
    third = Counting(pinned, second)
    assert third.looked_at == ["x", "b"]
    assert third.other_than(second) == third.other_than(first) == Sizes(pinned).other_than(first) == {"x", "b"}
    assert second.other_than(first) == set()


def test_what_was_inferred_and_what_that_was_sharpened_to_take_turns() -> None:
    chain = Chain((None, 4), (3, 4), [1, 2])
    chain.draft.op("Reshape", "y", "x", chain.const([-1, 2]), T=DType("float32"), Tshape=INT)
    chain.types["y"] = TensorType(dtype="float32", shape=(None, None))
    raw = chain.graph()
    first = Counting(raw)
    sharp = raw.with_types({tensor: first.sharpened(tensor, known) for tensor, known in raw.types.items()})
    assert sharp.types["y"].shape == (None, 2)
    second = Counting(sharp, first)
    third = Counting(raw, second)
    assert (second.looked_at, third.looked_at) == ([], [])
    assert told(third, raw) == told(Sizes(sharp), sharp)
    other = Counting(raw.with_types({**raw.types, "y": TensorType(dtype="float32", shape=(3, None))}), second)
    assert other.looked_at == ["y"]
