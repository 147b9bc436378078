"""A side of a search in numpy, with a kernel that may be wrong, or other weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from graph_draft import Draft
from numpy_evaluator import OPS

from tfjsci.graph.graph import Array, Graph, node_of
from tfjsci.localize.sides import NotReplayable, Turn


@dataclass
class NumpySide:
    """``wrong`` replaces the kernels of nodes, by name; ``weights`` constants. ``asked`` is what was asked for."""

    graph: Graph
    call: Mapping[str, Array]
    name: str = "there"
    wrong: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    deaf: frozenset[str] = frozenset()
    asked: list[list[str]] = field(default_factory=list)
    replayed: list[str] = field(default_factory=list)

    def tensors(self, names: Sequence[str]) -> dict[str, Array]:
        self.asked.append(list(names))
        values: dict[str, Any] = {**self._constants(), **self.call}
        for node in self.graph.nodes:
            if node.name not in values:
                values[node.name] = self._made(node.name, [values[each] for each in node.inputs])
        return {name: values[name] for name in names}

    def alone(self, node: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> dict[str, Array]:
        if node in self.deaf:
            raise NotReplayable("it has a handle")
        self.replayed.append(node)
        known = {**self._constants(), **inputs}
        made = self._made(node, [known[each] for each in self.graph[node].inputs])
        return dict.fromkeys(outputs, made)

    def inside(self, loop: str, names: Sequence[str], turns: int) -> Turn:
        raise NotReplayable(f"{loop} isn't opened here")

    def _constants(self) -> dict[str, Array]:
        return {**{name: each.value for name, each in self.graph.constants.items()}, **self.weights}

    def _made(self, node: str, inputs: list[Any]) -> Array:
        kernel = self.wrong.get(node, OPS.get(self.graph[node].op))
        assert kernel is not None, self.graph[node].op
        return np.asarray(kernel(*inputs), dtype=np.float32)


WEIGHTS = {name: np.random.default_rng(seed).normal(size=(4, 4)) for seed, name in enumerate(("w1", "w2", "w3"))}


def branches() -> Graph:
    """Two branches of a MatMul and a Relu each, added, and a last MatMul."""
    draft = Draft()
    x = draft.input("x", (None, 4))
    for name, value in WEIGHTS.items():
        draft.const(name, value)
    left = draft.op("Relu", "left/relu", draft.op("MatMul", "left/matmul", x, "w1", origin="left"), origin="left")
    right = draft.op("Relu", "right/relu", draft.op("MatMul", "right/matmul", x, "w2", origin="right"), origin="right")
    total = draft.op("AddV2", "sum", left, right)
    return draft.graph(draft.op("MatMul", "last/matmul", total, "w3", origin="last"))


CALL = {"x": np.random.default_rng(7).normal(size=(8, 4)).astype(np.float32)}


def names(graph: Graph) -> set[str]:
    return {node.name for node in graph.nodes if node_of(node.name) not in graph.constants}
