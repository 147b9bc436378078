"""The two sides of a search: whoever can be asked what a node made of one call's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tfjsci.graph.graph import Array

Alone = dict[str, Array]
"""Values by tensor: a node's inputs, or what it makes of them."""


class Side(Protocol):
    """One graph, bound to the inputs of one call."""

    @property
    def name(self) -> str:
        """How messages call it: ``TensorFlow``, ``uint8 on wasm``."""
        ...

    def tensors(self, names: Sequence[str]) -> Alone:
        """What these tensors are, all of one run. Raises ``ReferenceFailed``, ``BrowserJobFailed``."""
        ...


class Replaying(Protocol):
    """A side that can run one of its nodes alone."""

    def alone(self, node: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Alone:
        """``outputs`` of ``node`` for its ``inputs`` by tensor; its weights are the side's own.

        Raises ``NotReplayable`` with the reason, and what ``Side.tensors`` raises.
        """
        ...


class Candidate(Side, Replaying, Protocol):
    """The side that is looked at."""


class NotReplayable(Exception):
    """The node can't be run alone."""
