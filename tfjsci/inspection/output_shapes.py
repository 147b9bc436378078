"""The shapes of a Keras model's outputs, worked out from its config as its layers model would have them; nothing is run."""

from __future__ import annotations

from tfjsci.layers.keras_model import KerasModel
from tfjsci.layers.shapes import Shape
from tfjsci.layers.translate import UNREADABLE, Translation


def output_shapes_of(model: KerasModel) -> list[Shape]:
    """One for each output; None where a layer is in the way whose shapes aren't known here."""
    translation = Translation()
    try:
        sketch = translation.model(model)
    except UNREADABLE:
        return [None] * len(model.outputs)
    known = not translation.refusals and len(sketch.outputs) == len(model.outputs)
    return [symbol.shape for symbol in sketch.outputs] if known else [None] * len(model.outputs)
