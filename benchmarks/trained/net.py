"""One trained model: how it is built, what it learns from, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .data import Source

Kind = Literal["classifier", "autoencoder"]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """``build`` gives a Keras model with fresh weights: a classifier's logits come out, or what went in."""

    name: str
    build: Callable[[], Any]
    data: Source
    kind: Kind = "classifier"
    epochs: int = 15
    learning_rate: float = 1e-3
    depthwise: bool = False
    digits: bool = False
    """Whether it classifies digits: what is claimed of top-1 agreement is claimed of these."""
