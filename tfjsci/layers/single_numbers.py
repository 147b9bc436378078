"""Inputs of one number for each sample, on which the runtime runs no layers model.

``predict``, ``fit`` and ``evaluate`` make a column of a tensor of rank 1 before they look at it, and then refuse it, since the
input has one dimension. A layer in the model may well be called on such a tensor, and so may a nested model.
Source: tfjs-layers 4.22.0, ``ensureTensorsRank2OrHigher`` and ``checkInputData``.
"""

from __future__ import annotations

from collections.abc import Iterable

from tfjsci.layers.refused import Refusal
from tfjsci.layers.shapes import Shape

_REASON = (
    "it takes one number of each sample, of which TensorFlow.js' predict makes a column and then refuses it "
    "(an Input of shape (1,) is taken)"
)


def single_numbers(inputs: Iterable[tuple[str, Shape]]) -> list[Refusal]:
    """A refusal for each of a model's ``inputs``, a name and a shape with its batch, that has no dimension but the batch."""
    return [
        Refusal(layer=name, class_name="InputLayer", reason=_REASON)
        for name, shape in inputs
        if shape is not None and len(shape) == 1
    ]
