"""Random graphs of layers, as hypothesis draws them: what rewriting must keep the numbers of, whatever stands beside what.

A graph grows by one layer at a time (random_layers.py) on any tensor that is there, mostly the last. A constant may be one that
another layer has, a tensor may be read by several, or twice by one, and outputs may be anywhere in the middle, and twice. No two
sizes of an input need be equal, and they often are. The batch may be open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import numpy as np
from graph_draft import Draft
from hypothesis import strategies as st
from lowering_cases import Example
from random_layers import LAYERS

from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, dtype_name
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.verify.run import run_graph

MOST_LAYERS = 12

ONLY_IN_FLOAT32 = ("FusedBatchNorm",)
"""TensorFlow has no kernel in float64 for these."""


@dataclass
class Growing:
    """A graph as far as it was drawn. ``shapes`` are those of the run; ``lifted`` are outputs of one dimension more."""

    random: Random
    batch_open: bool
    draft: Draft = field(default_factory=Draft)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    inputs: dict[str, Array] = field(default_factory=dict)
    lifted: list[str] = field(default_factory=list)
    seed: int = 0

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends among them."""
        return self.random.randint(low, high)

    def either(self, *options: Any) -> Any:
        """One of them."""
        return self.random.choice(options)

    def name(self, word: str) -> str:
        """One that no node has."""
        return f"{word}{len(self.draft.nodes)}"

    def shape(self, tensor: str) -> tuple[int, ...]:
        """What it is in the run."""
        return self.shapes[tensor]

    def pick(self, fits: Callable[[tuple[int, ...]], bool] = lambda _: True) -> str | None:
        """A tensor whose shape fits, mostly the newest; None if there is none."""
        fitting = [tensor for tensor, shape in self.shapes.items() if fits(shape)][::-1]
        if not fitting or self.number(0, 3) < 3:
            return fitting[0] if fitting else None
        return str(self.either(*fitting))

    def input(self, rank: int) -> None:
        """Another input of the graph."""
        shape = (self.batch, *(self.number(1, 6 if axis < rank - 1 else 4) for axis in range(1, rank)))
        name = self.draft.input(self.name("x"), (None if self.batch_open else shape[0], *shape[1:]))
        self.inputs[name] = self.values(*shape)
        self.shapes[name] = shape

    @property
    def batch(self) -> int:
        """Of every input: a graph with an open batch runs on several examples."""
        return next(iter(self.shapes.values()))[0] if self.shapes else self.number(1, 3)

    def values(self, *shape: int) -> Array:
        """Numbers around 0, no two alike."""
        self.seed += 1
        return np.random.default_rng([self.seed, *shape]).normal(size=shape).astype(np.float32)

    def weight(self, *shape: int, like: Callable[[Array], Array] = lambda value: value) -> str:
        """A constant: a new one, or one of this shape that there is already."""
        known = [
            name for name, c in self.draft.constants.items() if c.value.shape == shape and c.value.dtype == np.float32
        ]
        if known and self.either(False, True):
            return str(self.either(*known))
        return self.draft.const(self.name("w"), like(self.values(*shape)))

    def integers(self, value: Any) -> str:
        """A constant of int32, of its own."""
        return self.draft.const(self.name("i"), np.array(value, np.int32), sources=())

    def add(self, tensor: str, shape: Sequence[int]) -> str:
        """``tensor`` is there from now on."""
        self.shapes[tensor] = tuple(shape)
        return tensor

    def op(self, op: str, shape: Sequence[int], *inputs: str, **attrs: Any) -> str:
        """A node of the draft's dtype, and the shape of its result."""
        return self.add(self.draft.typed(op, self.name(op.lower()), *inputs, **attrs), shape)


@st.composite
def graphs(draw: Any, most: int = MOST_LAYERS) -> Example:
    """A graph and values for its inputs, of the first few layers of a row that a number stands for: it shrinks by layers.

    Drawn one by one, the choices would be much the same in most graphs.
    """
    random = Random(draw(st.integers(0, 2**32 - 1)))
    growing = Growing(random=random, batch_open=random.random() < 0.5)
    for _ in range(random.randint(1, 2)):
        growing.input(random.choice((4, 4, 3, 2)))
    for layer in random.choices(LAYERS, k=draw(st.integers(1, most))):
        layer(growing)
    tensors = list(growing.shapes)
    taps = random.choices(tensors, k=random.choice((0, 0, 1, 2)))
    graph = growing.draft.graph(tensors[-1], *taps, *growing.lifted).pruned()
    present = {node.name for node in graph}
    return Example(
        graph=graph,
        inputs={name: value for name, value in growing.inputs.items() if name in present},
        tolerance=1e-4,
        gpu_tolerance=2e-3,
        scale=1.0,
        text=text_of(graph),
    )


def text_of(graph: Graph) -> str:
    """The graph as text, for a failure's message."""
    from tfjsci.graph.show import show

    return "\n    ".join(["", *show(graph, attrs=True).splitlines(), ""])


def in_float64(example: Example) -> Example | None:
    """The same in float64, where float noise is far below any slip; None where TensorFlow can't."""
    if any(node.op.startswith(ONLY_IN_FLOAT32) for node in example.graph):
        return None
    graph = example.graph
    nodes = tuple(replace(node, attrs={key: _wide(value) for key, value in node.attrs.items()}) for node in graph)
    constants = {name: Constant(value=_widened(c.value), sources=c.sources) for name, c in graph.constants.items()}
    inputs = {name: _widened(value) for name, value in example.inputs.items()}
    return replace(example, graph=replace(graph, nodes=nodes, constants=constants, types={}), inputs=inputs)


def well_conditioned(example: Example) -> bool:
    """Whether float32 says the same as float64: sums in another order mustn't matter for what a browser is held to."""
    wide = in_float64(example)
    if wide is None:
        return all(np.isfinite(value).all() for value in example.reference())
    for narrow, exact in zip(
        example.reference(), run_graph(wide.graph, wide.inputs, evaluate_in_tensorflow), strict=True
    ):
        largest = float(np.abs(exact).max(initial=1.0))
        if not np.isfinite(narrow).all() or float(np.abs(narrow - exact).max(initial=0)) > 1e-5 * largest:
            return False
    return True


def _wide(value: Any) -> Any:
    return DType("float64") if value == DType("float32") else value


def _widened(value: Array) -> Array:
    return value.astype(np.float64) if dtype_name(value) == "float32" else value.copy()


__all__ = ["Example", "Growing", "Node", "graphs", "in_float64", "well_conditioned"]
