"""What the search chooses for: weights that share a scheme, and what each scheme makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import brotli
import numpy as np

from tfjsci.artifact.download import BROTLI_QUALITY
from tfjsci.graph.graph import Array, Constant
from tfjsci.quantize.scheme import Scheme

NODES_BYTES = 60
"""What the nodes that undo a packed weight cost in ``model.json`` with brotli, about."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to store a weight. ``scheme`` None: float32. ``size``: bytes as brotli sends them; ``error``: the squares' sum."""

    scheme: Scheme | None
    size: int
    error: float


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One weight, or several that share a scheme, by their names; ``options`` from the exact one to the coarsest.

    Each is smaller than those before it: what is no smaller and has the larger error is left out.
    """

    names: tuple[str, ...]
    options: tuple[Option, ...]


Store = Callable[[str, Scheme | None], tuple[bytes, Array]]
"""A weight by name in a scheme, or None as it is: the bytes to download, and the values that the browser makes of them."""


def weight_of(names: Sequence[str], schemes: Sequence[Scheme], store: Store) -> Weight:
    """Weights that share a scheme, with those of ``schemes`` that are worth it."""
    exact = [store(name, None) for name in names]
    found = [Option(scheme=None, size=sum(_size(data) for data, _ in exact), error=0.0)]
    for scheme in schemes:
        stored = [store(name, scheme) for name in names]
        size = sum(_size(data) for data, _ in stored) + (len(names) * NODES_BYTES if scheme.needs_initializer else 0)
        error = sum(_squares(got, value) for (_, got), (_, value) in zip(stored, exact, strict=True))
        found.append(Option(scheme=scheme, size=size, error=error))
    return Weight(names=tuple(names), options=_efficient(found))


def groups_of(constants: Mapping[str, Constant], wanted: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """The weights ``wanted`` in at most ``most`` groups, the largest weights first and each alone if it can be.

    ``constants`` are all that a pattern may find. Together are those of which one's name is also that of a variable that the
    other was made of: a manifest's pattern takes both. What isn't wanted and can't be excluded either goes with them. Where that
    makes more than ``most`` groups, the smallest weights are one.
    """
    leader = {name: name for name in constants}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    kept_apart = set(constants) - set(wanted) - {source for name in wanted for source in constants[name].sources}
    for name, constant in constants.items():
        for source in constant.sources if name not in kept_apart else ():
            if source in leader:
                leader[find(source)] = find(name)
    together: dict[str, list[str]] = {}
    for name in constants:
        together.setdefault(find(name), []).append(name)
    taken = [together[each] for each in dict.fromkeys(find(name) for name in wanted)]
    groups = sorted(taken, key=lambda names: -sum(constants[name].value.size for name in names))
    if len(groups) > most:
        groups = [*groups[: most - 1], [name for names in groups[most - 1 :] for name in names]]
    return [tuple(names) for names in groups]


def _efficient(options: Sequence[Option]) -> tuple[Option, ...]:
    """By error, without those that are no smaller than one of less error."""
    kept: list[Option] = []
    for option in sorted(options, key=lambda each: (each.error, each.size)):
        if np.isfinite(option.error) and (not kept or option.size < kept[-1].size):
            kept.append(option)
    return tuple(kept)


def _size(data: bytes) -> int:
    return len(brotli.compress(data, quality=BROTLI_QUALITY))


def _squares(got: Array, value: Array) -> float:
    apart = got.astype(np.float64) - value.astype(np.float64)
    return float(np.vdot(apart, apart))
