"""A graph of two loops that are alike, or nearly: a recurrent layer of three gates forwards, and another beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from graph_draft import Draft

from tfjsci.graph.graph import DType, FunctionBody, FunctionName, Graph, Shape, ShapeAttr, TensorType

INT, FLOAT, LIST = DType("int32"), DType("float32"), DType("variant")
STEPS, BATCH = 4, 2


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One of the loops: what may be other than in its twin. ``more`` computes something of the new state, besides."""

    units: int = 3
    steps: int = STEPS
    turns: int = STEPS
    gate: str = "Sigmoid"
    seed: int = 1
    place: int = 0
    bias: bool = False
    more: Callable[[Draft, str], str] | None = None
    given: str = ""
    """A tensor of the main graph that is read for the steps, instead of an input of its own."""
    state: str = ""
    """One that is the state before the first step, instead of zeros."""

    @property
    def parts(self) -> Shape:
        """Of what a step makes, before it is split."""
        return (BATCH, 3 * self.units)


def twin_loops(
    one: Cell, two: Cell, *, read: Sequence[str] = ("one/stack", "two/stack", "one:3", "two:3"), after: Any = None
) -> Graph:
    """``one`` and ``two`` in a graph that gives ``read``; ``after`` draws more into it, once the loops are there."""
    draft = Draft()
    functions: dict[str, FunctionBody] = {}
    types: dict[str, TensorType] = {}
    for name, cell in (("one", one), ("two", two)):
        _draw(draft, name, cell, functions, types)
    if after is not None:
        after(draft)
    return replace(draft.graph(*read, functions=functions), types=types)


def _draw(
    draft: Draft, name: str, cell: Cell, functions: dict[str, FunctionBody], types: dict[str, TensorType]
) -> None:
    shape = (cell.steps, *(cell.parts or ()))
    x = cell.given or draft.input(f"{name}/x", shape)
    types.setdefault(x, TensorType(dtype="float32", shape=shape))
    item = _whole(draft, f"{name}/item", [BATCH, 3 * cell.units])
    state = _whole(draft, f"{name}/element", [BATCH, cell.units])
    count = _whole(draft, f"{name}/count", cell.steps)
    items = draft.op("TensorListFromTensor", f"{name}/items", x, item, element_dtype=FLOAT, shape_type=INT)
    new = draft.op("TensorListReserve", f"{name}/new", state, count, element_dtype=FLOAT, shape_type=INT)
    first = cell.state or draft.const(f"{name}/zeros", np.zeros((BATCH, cell.units), np.float32))
    types.setdefault(first, TensorType(dtype="float32", shape=(BATCH, cell.units)))
    types |= {each: TensorType(dtype="variant", shape=()) for each in (items, new)}
    functions[f"{name}/body"] = _body(name, cell)
    functions[f"{name}/cond"] = _cond(name, cell)
    shapes = ((), (), (), (BATCH, cell.units))
    draft.op(
        "StatelessWhile",
        name,
        _whole(draft, f"{name}/start", 0),
        items,
        new,
        first,
        T=(INT, LIST, LIST, FLOAT),
        output_shapes=tuple(ShapeAttr(each) for each in shapes),
        body=FunctionName(f"{name}/body"),
        cond=FunctionName(f"{name}/cond"),
    )
    for i, (dtype, known) in enumerate(zip(("int32", "variant", "variant", "float32"), shapes, strict=True)):
        types[f"{name}:{i}" if i else name] = TensorType(dtype=dtype, shape=known)
    draft.op("TensorListStack", f"{name}/stack", f"{name}:2", state, element_dtype=FLOAT, num_elements=cell.steps)
    types[f"{name}/stack"] = TensorType(dtype="float32", shape=(cell.steps, BATCH, cell.units))


def _whole(draft: Draft, name: str, value: Any) -> str:
    return draft.const(name, np.asarray(value, np.int32), sources=())


_ARGUMENTS = (("i", INT, ()), ("items", LIST, ()), ("new", LIST, ()))


def _arguments(draft: Draft, cell: Cell) -> tuple[str, ...]:
    named = (*_ARGUMENTS, ("h", FLOAT, (BATCH, cell.units)))
    return tuple(draft.op("Placeholder", name, dtype=dtype, shape=ShapeAttr(shape)) for name, dtype, shape in named)


def _cond(name: str, cell: Cell) -> FunctionBody:
    draft = Draft()
    inputs = _arguments(draft, cell)
    less = draft.op("Less", "less", "i", _whole(draft, "limit", cell.turns), T=INT)
    return FunctionBody(name=f"{name}/cond", inputs=inputs, graph=draft.graph(less))


def _body(name: str, cell: Cell) -> FunctionBody:
    draft = Draft()
    inputs = _arguments(draft, cell)
    rng = np.random.default_rng(cell.seed)
    kernel = draft.const(
        "kernel", rng.normal(size=(cell.units, 3 * cell.units)).astype(np.float32), sources=(f"{name}/kernel",)
    )
    next_ = draft.op("AddV2", "next", "i", _whole(draft, "step", 1), T=INT)
    shape = _whole(draft, "shape", [BATCH, 3 * cell.units])
    item = draft.op("TensorListGetItem", "item", "items", "i", shape, element_dtype=FLOAT)
    product = draft.matmul("product", "h", kernel)
    if cell.bias:
        product = draft.bias_add("biased", product, draft.const("bias", rng.normal(size=3 * cell.units)))
    total = draft.typed("AddV2", "total", product, item)
    split = draft.op("Split", "split", _whole(draft, "axis", -1), total, num_split=3, T=FLOAT)
    gate = draft.typed(cell.gate, "gate", split)
    kept = draft.typed("Sigmoid", "kept", f"{split}:1")
    made = draft.typed("Tanh", "made", f"{split}:2")
    made = draft.typed("Mul", "shown", gate, made)
    old = draft.typed("Mul", "old", kept, "h")
    state = draft.typed("AddV2", "state", made, old)
    state = cell.more(draft, state) if cell.more else state
    place = "i" if not cell.place else _whole(draft, "place", cell.place)
    written = draft.op("TensorListSetItem", "written", "new", place, state, element_dtype=FLOAT)
    graph = draft.graph(next_, "items", written, state)
    units = TensorType(dtype="float32", shape=(BATCH, cell.units))
    types = {node.name: units for node in graph.nodes if node.attrs.get("T") == FLOAT}
    types |= {each: TensorType(dtype="float32", shape=cell.parts) for each in ("item", "product", "biased", "total")}
    types |= {f"split:{i}" if i else "split": units for i in range(3)}
    types |= {"h": units, "i": TensorType(dtype="int32", shape=()), "next": TensorType(dtype="int32", shape=())}
    types |= {each: TensorType(dtype="variant", shape=()) for each in ("items", "new", "written")}
    constants = {key: TensorType(dtype=str(c.value.dtype), shape=c.value.shape) for key, c in graph.constants.items()}
    known = {key: value for key, value in {**types, **constants}.items() if key.partition(":")[0] in graph}
    return FunctionBody(name=f"{name}/body", inputs=inputs, graph=replace(graph, types=known))
