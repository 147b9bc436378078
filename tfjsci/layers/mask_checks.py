"""That a layer which reads a mask is given by the runtime the very mask that Keras gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjsci.layers.keras_model import KerasCall, KerasLayer, Tensor
from tfjsci.layers.masks import BROKEN, HANDS_ON, MERGING, READERS, Mask, MaskOf
from tfjsci.layers.refused import Refusal, RefusedError
from tfjsci.layers.sketch import Emitted, Sketch, Symbol

_ALSO_IN_KERAS = frozenset(
    {
        "ActivityRegularization", "ELU", "Identity", "LeakyReLU", "Normalization", "Rescaling", "Softmax", "SpatialDropout2D",
        "SpatialDropout3D", "ThresholdedReLU", "UnitNormalization",
    }
)  # fmt: skip
"""Layers that hand a mask on in Keras and not in TensorFlow.js."""

_READ_IN_KERAS = READERS | {"GlobalAveragePooling1D", "Softmax"}


def keras_mask_after(layer: KerasLayer, given: Mask, masks: Sequence[Mask], outputs: Sequence[Symbol]) -> Mask:
    """The mask that Keras gives a layer's first output where it does so by itself."""
    name = layer.class_name
    if name in ("Masking", "Embedding"):
        return outputs[0].mask if outputs else None
    if name in MERGING or name == "Subtract":
        return BROKEN if any(masks) else None
    if name in READERS:
        inner = layer.config["layer"]["config"] if name == "Bidirectional" else layer.config
        return given if inner.get("return_sequences") else None
    return given if name in HANDS_ON or name in _ALSO_IN_KERAS else None


def expected_mask(call: KerasCall, layers: Mapping[str, KerasLayer], values: Mapping[Tensor, Symbol]) -> Mask:
    """The mask that a call is given in the config, where Keras 3 writes it as operations on what it is made of."""
    given = call.kwargs.get("mask")
    if given is None:
        return None
    if not isinstance(given, Tensor):
        return BROKEN
    return _as_mask(given, layers, values) or BROKEN


def _as_mask(tensor: Tensor, layers: Mapping[str, KerasLayer], values: Mapping[Tensor, Symbol]) -> MaskOf | None:
    op = layers.get(tensor.layer)
    if op is None or not op.is_op or tensor.call >= len(op.calls):
        return None
    args = op.calls[tensor.call].args
    if op.class_name == "Any" and len(args) == 1 and isinstance(args[0], Tensor):
        inner = _as_mask(args[0], layers, values)
        last = op.config.get("axis") in (-1, [-1]) and not op.config.get("keepdims")
        return MaskOf(inner.values, inner.value, True) if inner and last and not inner.any_feature else None
    if op.class_name == "NotEqual" and len(args) == 2 and isinstance(args[0], Tensor) and _is_number(args[1]):
        symbol = values.get(args[0])
        return None if symbol is None else MaskOf(symbol, float(args[1]), False)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def refuse_other_mask(layer: KerasLayer, inputs: Sequence[Symbol], wanted: Mask) -> None:
    """``wanted`` is Keras' mask for the first input of a call."""
    if layer.class_name not in _READ_IN_KERAS or not inputs:
        return
    here = inputs[0].mask
    if BROKEN in (wanted, here):
        raise RefusedError("its mask comes out of several, or isn't made by an Embedding or Masking")
    if wanted != here:
        raise RefusedError(f"its mask {'gets lost' if here is None else 'is another one'} on the way in TensorFlow.js")


def stale_masks(sketch: Sketch) -> list[Refusal]:
    """Layers that would be given another layer's mask, or another call's initial state: the runtime keeps both in one place."""
    found: list[Refusal] = []
    every = list(_sketches(sketch, nested=False))
    masked = any(
        layer.class_name == "Masking" or layer.config.get("mask_zero") for each, _ in every for layer in each.layers
    )
    for each, nested in every:
        readers = [layer for layer in each.layers if _reads(layer)]
        for layer in readers:
            for call in layer.calls:
                if masked and (call[0].mask is None or layer.class_name == "TimeDistributed"):
                    reason = "no mask reaches it in Keras, and TensorFlow.js hands it the last one that there was"
                    found.append(Refusal(layer=layer.name, class_name=layer.class_name, reason=reason))
                if len(call) > 1 and len(readers) > 1 and (masked or nested):
                    reason = "TensorFlow.js keeps its initial state for the next recurrent layer, and fails"
                    found.append(Refusal(layer=layer.name, class_name=layer.class_name, reason=reason))
    return list(dict.fromkeys(found))


_EACH_STEP = frozenset({"AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D"})
"""Layers that hand on each step as it is while a model infers, and the mask with it."""


def masked_sequences(sketch: Sketch) -> list[Refusal]:
    """Bidirectional layers of whose sequences somebody sees the masked steps.

    They are zero in Keras, whatever ``zero_output_for_mask`` says (``force_zero_output_for_mask`` in its ``bidirectional.py``),
    and the step before in the runtime. A recurrent layer that is given the mask passes them over.
    """
    reason = "masked steps of its sequences are zero in Keras, and the step before in TensorFlow.js"
    return [
        Refusal(layer=layer.name, class_name=layer.class_name, reason=reason)
        for each, _ in _sketches(sketch, nested=False)
        for layer in each.layers
        if layer.class_name == "Bidirectional" and layer.config["layer"]["config"].get("return_sequences")
        if any(call[0].mask is not None and _seen(each, layer, n) for n, call in enumerate(layer.calls))
    ]


def _seen(sketch: Sketch, layer: Emitted, number: int) -> bool:
    """Whether the masked steps that a call gives out come to more than layers that pass them over."""
    sequences = 2 if layer.class_name == "Bidirectional" and layer.config.get("merge_mode") is None else 1

    def is_ours(symbol: Symbol) -> bool:
        return symbol.layer is layer and symbol.call == number and symbol.output < sequences

    if any(is_ours(symbol) for symbol in sketch.outputs):
        return True
    for reader in sketch.layers:
        for n, call in enumerate(reader.calls):
            if not any(is_ours(symbol) for symbol in call):
                continue
            passes_over = reader.class_name in READERS and len(call) == 1 and call[0].mask is not None
            if not passes_over and (reader.class_name not in _EACH_STEP or _seen(sketch, reader, n)):
                return True
    return False


def _reads(layer: Emitted) -> bool:
    if layer.class_name == "TimeDistributed" and layer.inner is not None:
        return any(_reads(inner) for inner in layer.inner.layers)
    return layer.class_name in READERS


def _sketches(sketch: Sketch, *, nested: bool) -> list[tuple[Sketch, bool]]:
    out = [(sketch, nested)]
    for layer in sketch.layers:
        if layer.inner is not None and (
            layer.class_name != "TimeDistributed" or isinstance(layer.config.get("layer"), Sketch)
        ):
            out += _sketches(layer.inner, nested=True)
    return out
