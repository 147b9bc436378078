"""A loop opened: variables more that bring out what its body makes, and a count that stops it after so many turns.

Each turn gives these back as they were made in it, so the loop's further outputs are those of the last turn.

Source: tfjs-converter's ``control_executor`` and ``operation_mapper`` (4.22.0): a loop's variables are all of its inputs, and
what its condition and its body are given; a function's results are nodes, of each of which it gives back one output alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import Array, FunctionBody, node_of
from tfjsci.localize.sides import Turn

COUNTERS = ("opened/turn", "opened/one", "opened/turns")
"""What is fed: how many turns there were (0), what each adds (1), and after how many the loop ends."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The loop's outputs that tell: ``turn`` counts, ``tensors`` has the output for each tensor of the body."""

    turn: str
    tensors: Mapping[str, str]


def counters(turns: int) -> dict[str, Array]:
    """The values of :data:`COUNTERS`."""
    return {name: np.array(n, np.int32) for name, n in zip(COUNTERS, (0, 1, turns), strict=True)}


def turn_of(shown: Shown, made: Mapping[str, Array]) -> Turn:
    """What the loop's outputs say."""
    number = int(np.asarray(made[shown.turn]).reshape(-1)[0])
    known = {tensor: np.asarray(made[output]) for tensor, output in shown.tensors.items()} if number else {}
    return Turn(number=number, tensors=known)


def one_of_each_node(body: FunctionBody, tensors: Sequence[str]) -> list[str]:
    """Of each node one of ``tensors``: the one that the body gives back in any case, if it does, else the first."""
    given = {node_of(tensor): tensor for tensor in body.graph.outputs}
    found: dict[str, str] = {}
    for tensor in tensors:
        name = node_of(tensor)
        if given.get(name, tensor) == tensor:
            found.setdefault(name, tensor)
    return list(found.values())
