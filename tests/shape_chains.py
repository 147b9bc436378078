"""Random chains of shape arithmetic, as a graph and in numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from graph_draft import Draft
from hypothesis import strategies as st

from tfjsci.graph.graph import DType, Graph, Shape, ShapeAttr, TensorType
from tfjsci.rewrite.symbolic.size import Atom, Dimension, Element

INT = DType("int32")
GATHERED: dict[str, Any] = {"Tparams": INT, "Tindices": INT, "Taxis": INT}
MASKS: dict[str, Any] = dict.fromkeys(
    ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0
)


class Chain:
    """A graph of shape arithmetic on ``x`` and the int vector ``n``, in numpy and as nodes."""

    def __init__(self, shape: Shape, at: tuple[int, ...], held: list[int]) -> None:
        self.draft = Draft()
        self.values: dict[str, Any] = {
            self.draft.input("x", shape): np.zeros(at, np.float32),
            self.draft.op("Placeholder", "n", dtype=INT, shape=ShapeAttr((len(held),))): np.array(held),
        }
        self.types = {"x": TensorType(dtype="float32", shape=shape), "n": TensorType(dtype="int32", shape=(len(held),))}

    def const(self, value: Any) -> str:
        name = self.draft.const(f"c{len(self.draft.nodes)}", np.array(value, np.int32))
        self.values[name] = np.array(value, np.int64)
        return name

    def add(self, op: str, inputs: list[str], value: Any, dtype: str = "int32", **attrs: Any) -> str:
        kind: dict[str, Any] = {} if op == "GatherV2" else {"T": DType("float32") if op in ("Shape", "Size") else INT}
        name = self.draft.op(op, f"t{len(self.draft.nodes)}", *inputs, **kind, **attrs)
        self.values[name] = np.asarray(value)
        self.types[name] = TensorType(dtype=dtype, shape=None)
        return name

    def graph(self) -> Graph:
        return self.draft.graph(*(node.name for node in self.draft.nodes if node.op != "Const"), types=self.types)


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "AddV2": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "FloorDiv": np.floor_divide,
    "FloorMod": np.mod,
}
REDUCING: dict[str, Callable[..., Any]] = {"Prod": np.prod, "Sum": np.sum, "Max": np.max, "Min": np.min}


@st.composite
def chains(draw: st.DrawFn) -> tuple[Chain, dict[Atom, int]]:
    """A random chain, with the sizes and numbers that it is evaluated at."""
    rank = draw(st.integers(1, 4))
    at = tuple(draw(st.integers(1, 5)) for _ in range(rank))
    shape = tuple(n if draw(st.booleans()) else None for n in at)
    held = draw(st.lists(st.integers(-3, 6), min_size=2, max_size=2))
    chain = Chain(shape, at, held)
    vectors = [chain.add("Shape", ["x"], at, out_type=INT), "n"]
    scalars = [chain.add("Size", ["x"], int(np.prod(at)), out_type=INT)]
    for _ in range(draw(st.integers(1, 8))):
        step(draw, chain, vectors, scalars)
    atoms: dict[Atom, int] = {Dimension("x", axis): n for axis, n in enumerate(at)}
    return chain, {**atoms, **{Element("n", i): n for i, n in enumerate(held)}}


def step(draw: st.DrawFn, chain: Chain, vectors: list[str], scalars: list[str]) -> None:
    values = chain.values
    vector, scalar = draw(st.sampled_from(vectors)), draw(st.sampled_from(scalars))
    length = len(values[vector])
    match draw(st.sampled_from(["cut", "pick", "gather", "pack", "join", "reckon", "reckon all", "reduce", "reshape"])):
        case "cut":
            # not before the first: TensorFlow's own inference refuses that of a shape
            low, high = draw(st.integers(-length, length)), draw(st.integers(-length, length + 1))
            ends = [chain.const([n]) for n in (low, high, 1)]
            made = values[vector][low:high]
            if len(made):
                vectors.append(chain.add("StridedSlice", [vector, *ends], made, Index=INT, **MASKS))
        case "pick":
            place = draw(st.integers(-length, length - 1))
            ends = [chain.const([n]) for n in (place, place + 1, 1)]
            picked: dict[str, Any] = {**MASKS, "shrink_axis_mask": 1}
            scalars.append(chain.add("StridedSlice", [vector, *ends], values[vector][place], Index=INT, **picked))
        case "gather":
            places = draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=3))
            inputs = [vector, chain.const(places), chain.const(0)]
            vectors.append(chain.add("GatherV2", inputs, values[vector][places], batch_dims=0, **GATHERED))
        case "pack":
            other = draw(st.sampled_from([*scalars, chain.const(draw(st.integers(-2, 4)))]))
            vectors.append(chain.add("Pack", [scalar, other], [values[scalar], values[other]], N=2, axis=0))
        case "join":
            other = draw(st.sampled_from(vectors))
            made = np.concatenate([values[vector], values[other]])
            if len(made) < 20:
                vectors.append(chain.add("ConcatV2", [vector, other, chain.const(0)], made, N=2, Tidx=INT))
        case "reckon" | "reckon all" as how:
            op, one = draw(st.sampled_from(sorted(BINARY))), scalar if how == "reckon" else vector
            other = draw(st.sampled_from([scalar, chain.const(draw(st.integers(-3, 4)))]))
            if "Floor" in op and values[other] == 0:
                return
            made = BINARY[op](values[one], values[other])
            if np.abs(made).max(initial=0) < 2**20:
                (scalars if how == "reckon" else vectors).append(chain.add(op, [one, other], made))
        case "reduce":
            op = draw(st.sampled_from(sorted(REDUCING)))
            inputs = [vector, chain.const([0])]
            made = REDUCING[op](values[vector])
            if abs(int(made)) < 2**20:
                scalars.append(chain.add(op, inputs, made, keep_dims=False, Tidx=INT))
        case "reshape":
            grown = chain.add("ExpandDims", [scalar, chain.const(0)], [values[scalar]], Tdim=INT)
            vectors.append(chain.add("Reshape", [grown, chain.const([-1])], [values[scalar]], Tshape=INT))
