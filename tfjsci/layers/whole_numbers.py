"""Whole numbers (and bools) that a layers model would give out as floats.

An input of whole numbers is one of float32 to the runtime, unless all who read it take integers (``translate.py``): its kernels
refuse to combine the two. Keras' layers that only move numbers, or choose among them, keep their dtype, so that such a model's
output would be float32 where Keras' is int32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfjsci.layers.refused import Refusal

if TYPE_CHECKING:
    from tfjsci.layers.sketch import Sketch

FLOATS = frozenset(
    {
        "Average", "BatchNormalization", "Bidirectional", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D",
        "Conv3DTranspose", "ConvLSTM2D", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "Divide", "Embedding", "GRU",
        "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "LSTM", "LayerNormalization", "Mean",
        "Normalization", "PReLU", "RNN", "Rescaling", "SeparableConv1D", "SeparableConv2D", "SimpleRNN", "TrueDivide",
    }
)  # fmt: skip
"""Layers and operations that make floats of whatever they are given. All others are taken to keep a dtype: at worst a graph
model is made where a layers model would do."""


def stays_whole(class_name: str, whole: Sequence[bool], args: Sequence[Any]) -> bool:
    """Whether a call on tensors of which those are whole gives whole numbers, too. ``args`` may hold plain numbers."""
    return class_name not in FLOATS and bool(whole) and all(whole) and not any(isinstance(each, float) for each in args)


def whole_outputs(sketch: Sketch) -> list[Refusal]:
    """A refusal for each output of the model that is whole in Keras."""
    reason = "it gives out integers (or bools), which TensorFlow.js' layers would make float32"
    return [
        Refusal(layer=name, class_name=class_name, reason=reason) for name, class_name in filter(None, sketch.whole)
    ]
