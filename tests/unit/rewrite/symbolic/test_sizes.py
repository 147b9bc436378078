"""Chains of shape arithmetic: what is told of them without running is what numpy gives at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
from graph_draft import Draft
from hypothesis import given, settings
from shape_chains import INT, MASKS, Chain, chains

from tfjsci.graph.graph import Node, Shape, TensorType
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
