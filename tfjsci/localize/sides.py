"""The two sides of a search: whoever can be asked what a node made of one call's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What tensors inside of a loop were in its last turn, the ``number``th; 0: there was none, and nothing is known."""

    number: int
    tensors: Alone


class Opening(Protocol):
    """A side that can show what happens inside of a loop."""

    def inside(self, loop: str, names: Sequence[str], turns: int) -> Turn:
        """Tensors of the body of ``loop``, which is stopped after so many turns; those that can't be had are left out.

        Raises ``NotReplayable`` with the reason, and what ``Side.tensors`` raises.
        """
        ...


class Reference(Side, Opening, Protocol):
    """The side that is right."""


class Candidate(Side, Replaying, Opening, Protocol):
    """The side that is looked at."""


class NotReplayable(Exception):
    """The node can't be run alone."""
