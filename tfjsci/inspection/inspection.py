"""What is told of a model: the same of every format, as far as the format knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from math import prod
from typing import Any

from tfjsci.artifact.artifact import WeightSummary
from tfjsci.signature import TensorSpec


@dataclass(frozen=True, kw_only=True)
class SignatureFacts:
    """Inputs and outputs of one way to call the model. ``name`` is None where a format has but one, without a name."""

    name: str | None
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True, kw_only=True)
class LayerFacts:
    """A layer of Keras or of a layers model; ``name`` has those of the models around it in front."""

    name: str
    kind: str
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """``ops`` counts nodes, those of functions among them; ``weights`` are by stored dtype; ``parameters`` are their values.

    ``size_bytes`` is what lies on the disk. Empty is what a format doesn't say: a graph has no layers, a Keras file no ops.
    """

    name: str
    format: str
    signatures: tuple[SignatureFacts, ...] = ()
    ops: Mapping[str, int] = field(default_factory=dict)
    layers: tuple[LayerFacts, ...] = ()
    weights: tuple[WeightSummary, ...] = ()
    parameters: int = 0
    size_bytes: int = 0
    notes: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One weight as it is stored."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int

    @property
    def parameters(self) -> int:
        """Its values."""
        return prod(self.shape)


def summarized(weights: Iterable[Stored]) -> tuple[WeightSummary, ...]:
    """By dtype, in the dtypes' order."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for each in weights:
        counts[each.dtype] += 1
        sizes[each.dtype] += each.bytes
    return tuple(
        WeightSummary(dtype=dtype, count=count, stored_bytes=sizes[dtype]) for dtype, count in sorted(counts.items())
    )
