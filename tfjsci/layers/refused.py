"""What of a Keras model a layers model can't hold: named layer by layer, never emitted in silence."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.errors import ConversionFailed
from tfjsci.listed import listed

ADVICE = "Convert it to a graph model (--output-format graph, or auto), which has no such limits."


class RefusedError(Exception):
    """Raised while one layer is mapped; caught where all of a model's are listed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One layer, and why TensorFlow.js' layers can't compute it as Keras does."""

    layer: str
    class_name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.layer} ({self.class_name}): {self.reason}"


class NoLayersModel(ConversionFailed):
    """The model can't be a layers model; ``refusals`` has every layer that stands in the way."""

    code = "no-layers-model"

    def __init__(self, label: str, refusals: tuple[Refusal, ...]) -> None:
        told = listed(map(str, refusals), 10, between="; ")
        super().__init__(f"{label} can't be a layers model: {told}", hint=ADVICE)
        self.refusals = refusals
