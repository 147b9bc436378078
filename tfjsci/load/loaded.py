"""What a loader gives: the graph with its weights beside it, the signature, and the original to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tfjsci.graph.graph import Array, Graph
from tfjsci.signature import TensorSpec


class Original(Protocol):
    """The original model, run in TensorFlow."""

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays by the signature's input names -> arrays by its output names."""
        ...


@dataclass(frozen=True, kw_only=True)
class StateVariable:
    """A variable that is an input and an output, both of this ``name``; ``initial`` is its value before the first call."""

    name: str
    initial: Array


@dataclass(frozen=True, kw_only=True)
class LoadedGraph:
    """One model in memory. ``graph`` has its calls inlined and its variables as Consts; ``notes`` are for the reader.

    ``state`` are the variables among the inputs and outputs, where that was asked for; ``metadata`` is what a TF.js model had
    for its page.
    """

    graph: Graph
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    format: str
    signature: str | None
    original: Original
    notes: tuple[str, ...] = ()
    state: tuple[StateVariable, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
