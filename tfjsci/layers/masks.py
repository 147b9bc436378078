"""Which mask the runtime hands on from layer to layer, and who reads it.

tfjs-layers 4.22.0 keeps the mask of the layer that ran last for whoever runs next (``executor.js``), gives merging layers'
masks a dimension too many (``merge.js``), and drops the mask of a layer that doesn't support one. So a mask is trusted only
where it comes from one source through layers that hand it on as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class MaskOf:
    """``values != value``: of an Embedding's indices, or of a Masking's features (any of the last axis)."""

    values: Any
    value: float
    any_feature: bool


BROKEN = "broken"
"""A mask that the runtime computes wrongly: it must not be read."""

Mask = MaskOf | str | None

HANDS_ON = frozenset(
    {
        "Activation", "AlphaDropout", "BatchNormalization", "Dense", "Dropout", "GaussianDropout", "GaussianNoise",
        "LayerNormalization", "PReLU", "ReLU", "SpatialDropout1D", "TimeDistributed",
    }
)  # fmt: skip
"""Layers with ``supportsMasking`` that give out the mask that they are given."""

MERGING = frozenset({"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply"})
READERS = frozenset({"SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM2D", "Bidirectional"})


class Masked(Protocol):
    """A symbol, as far as it matters here."""

    @property
    def mask(self) -> Mask:
        """What the runtime hands on with it."""
        ...


def mask_after(class_name: str, config: Mapping[str, Any], inputs: Sequence[Masked]) -> Mask:
    """The mask of a layer's first output."""
    given = inputs[0].mask
    if class_name == "Masking":
        return MaskOf(inputs[0], float(config.get("mask_value") or 0.0), True)
    if class_name == "Embedding":
        return MaskOf(inputs[0], 0.0, False) if config.get("mask_zero") else None
    if class_name in MERGING:
        return BROKEN if any(symbol.mask for symbol in inputs) else None
    if class_name in READERS:
        inner = config["layer"]["config"] if class_name == "Bidirectional" else config
        return given if inner.get("return_sequences") else None
    return given if class_name in HANDS_ON else None
