"""Which layers of a layers model have no exact way back to Keras: those that would have none to TensorFlow.js either.

The table of what TensorFlow.js computes otherwise than Keras holds in both directions, so the model is translated as if it
were Keras', and what is refused on that way is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator

from tfjsci.errors import ConversionFailed
from tfjsci.format.weights import corrupt
from tfjsci.layers.keras_3 import keras_3
from tfjsci.layers.keras_model import MODELS, KerasModel
from tfjsci.layers.mask_checks import masked_sequences, stale_masks
from tfjsci.layers.refused import Refusal, RefusedError
from tfjsci.layers.translate import UNREADABLE, Translation
from tfjsci.listed import listed
from tfjsci.quoted import quoted


class NoWayBack(ConversionFailed):
    """A layers model that Keras can't compute as TensorFlow.js does; every layer that stands in the way is named."""

    code = "no-way-back"

    def __init__(self, label: str, refusals: tuple[Refusal, ...]) -> None:
        told = listed(map(str, refusals), 10, between="; ")
        super().__init__(
            f"{label} has no exact way back to Keras: {told}",
            hint="As a layers model it can be written again (--output-format layers), with other shards and weights.",
        )
        self.refusals = refusals


def require_way_back(model: KerasModel, label: str) -> None:
    """Raises ``NoWayBack`` with every layer that Keras would compute otherwise, and ``CorruptModel``."""
    try:
        refusals = [*_own(model)] or _translated(model)
    except UNREADABLE as error:
        raise corrupt(f"the layers of {label} can't be read: {quoted(error)}") from error
    if refusals:
        raise NoWayBack(label, tuple(refusals))


def _translated(model: KerasModel) -> list[Refusal]:
    translation = Translation(("cpu",))  # what single backends get wrong isn't what the model means
    sketch = translation.model(model)
    return list(translation.refusals) or [*stale_masks(sketch), *masked_sequences(sketch)]


def _own(model: KerasModel) -> Iterator[Refusal]:
    for layer in model.layers:
        if layer.model is not None:
            yield from _own(layer.model)
        elif layer.class_name != "InputLayer" and layer.class_name not in MODELS:
            try:
                keras_3(layer)
            except RefusedError as error:
                yield Refusal(layer=layer.name, class_name=layer.class_name, reason=error.reason)
