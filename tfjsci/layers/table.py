"""The one table of layers: what becomes of each in TensorFlow.js, and what of it is refused. docs/layers.md is made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tfjsci.layers import activation_layers, convolutions, core_layers, merging, normalizations, recurrent, space_layers
from tfjsci.layers.site import Apply, Site


@dataclass(frozen=True, kw_only=True)
class Row:
    """``map`` makes it; ``becomes`` says of what, "itself" included; ``not_when`` what is refused."""

    map: Callable[[Site], Apply]
    becomes: str
    not_when: str = ""


SAME = "itself"
_FIRST = "channels_first"
_MASK = "masks for webgpu"
_STATE = "stateful"


def _row(mapper: Callable[[Site], Apply], becomes: str = SAME, not_when: str = "") -> Row:
    return Row(map=mapper, becomes=becomes, not_when=not_when)


_MERGES = ("Add", "Average", "Maximum", "Minimum", "Multiply")
_DROPOUTS = ("AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D")
_TRAINING = (
    "RandomBrightness", "RandomContrast", "RandomFlip", "RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom",
    "SpatialDropout2D", "SpatialDropout3D",
)  # fmt: skip

TABLE: dict[str, Row] = {
    "Activation": _row(core_layers.activation_layer, "itself, or the layers that compute the function", "see the functions"),
    "ActivityRegularization": _row(core_layers.only_in_training, "Activation (linear)"),
    "Identity": _row(core_layers.identity, "Activation (linear)"),
    "Dense": _row(core_layers.dense),
    "Embedding": _row(core_layers.embedding),
    "Masking": _row(core_layers.masking),
    "Flatten": _row(
        core_layers.flatten, "itself; Activation (linear) on vectors, Reshape on single numbers", f"{_FIRST}, unknown shape"
    ),
    "Reshape": _row(core_layers.reshape, "itself, -1 resolved"),
    "Permute": _row(core_layers.permute),
    "RepeatVector": _row(core_layers.repeat_vector),
    "Rescaling": _row(core_layers.rescaling),
    **{name: _row(core_layers.dropout) for name in _DROPOUTS},
    **{name: _row(core_layers.only_in_training, "Activation (linear): nothing happens at inference") for name in _TRAINING},
    "ReLU": _row(activation_layers.relu, "itself, or LeakyReLU with a negative_slope", "threshold; slope with max_value"),
    "LeakyReLU": _row(activation_layers.leaky, "itself, negative_slope as alpha"),
    "PReLU": _row(activation_layers.prelu, SAME, "an axis shared behind one that isn't, for wasm"),
    "ELU": _row(activation_layers.elu_layer, "itself; ReLU, elu, Rescaling, Add with another alpha"),
    "ThresholdedReLU": _row(activation_layers.thresholded_relu),
    "Softmax": _row(activation_layers.softmax, "Activation, with Permute around it over other axes", "several axes"),
    "Conv1D": _row(convolutions.conv(1), "itself; padded by Reshape and ZeroPadding2D when causal", f"groups, {_FIRST}"),
    "Conv2D": _row(convolutions.conv(2), "itself; DepthwiseConv2D with a group for each channel", f"other groups, {_FIRST}"),
    "Conv3D": _row(convolutions.conv(3), SAME, f"groups, {_FIRST}"),
    "Conv1DTranspose": _row(
        convolutions.conv_transpose(1), "Conv2DTranspose between two Reshapes", f"output_padding, dilation, {_FIRST}"
    ),
    "Conv2DTranspose": _row(convolutions.conv_transpose(2), SAME, f"output_padding, dilation, {_FIRST}"),
    "Conv3DTranspose": _row(convolutions.conv_transpose(3), SAME, f"for wasm; output_padding, dilation, {_FIRST}"),
    "DepthwiseConv1D": _row(convolutions.depthwise(1), "DepthwiseConv2D between two Reshapes", f"dilation, {_FIRST}"),
    "DepthwiseConv2D": _row(convolutions.depthwise(2), SAME, f"dilation, {_FIRST}"),
    "SeparableConv1D": _row(convolutions.separable(1), "SeparableConv2D between two Reshapes", _FIRST),
    "SeparableConv2D": _row(convolutions.separable(2), SAME, _FIRST),
    "ZeroPadding1D": _row(convolutions.zero_padding_1d, "ZeroPadding2D between two Reshapes", "unknown length"),
    "ZeroPadding2D": _row(space_layers.zero_padding_2d, SAME, _FIRST),
    "Cropping1D": _row(space_layers.cropping(1), "Cropping2D between two Reshapes", "unknown length"),
    "Cropping2D": _row(space_layers.cropping(2), SAME, _FIRST),
    "UpSampling1D": _row(space_layers.upsampling(1), "UpSampling2D between two Reshapes", "unknown length"),
    "UpSampling2D": _row(space_layers.upsampling(2), SAME, f"bilinear and others, {_FIRST}"),
    **{
        f"{kind}Pooling{rank}D": _row(space_layers.pooling(rank), SAME, _FIRST)
        for kind in ("Average", "Max")
        for rank in (1, 2, 3)
        if (kind, rank) != ("Max", 3)
    },
    "MaxPooling3D": _row(space_layers.pooling(3), "two MaxPooling2D between Reshapes", "unknown shape"),
    **{
        f"Global{kind}Pooling{rank}D": _row(
            space_layers.global_pooling(rank),
            "itself, with a Reshape for keepdims" if rank < 3 else f"Reshape, Global{kind}Pooling2D",
            _FIRST,
        )
        for kind in ("Average", "Max")
        for rank in (1, 2, 3)
    },
    "BatchNormalization": _row(
        normalizations.batch_normalization, "itself, between Permutes over another axis, between Reshapes in 3-D", "renorm"
    ),
    "LayerNormalization": _row(normalizations.layer_normalization, SAME, "rms_scaling; five dimensions"),
    "Normalization": _row(normalizations.normalization, "BatchNormalization", "other axes than the last; invert"),
    **{name: _row(merging.merge) for name in _MERGES},
    "Subtract": _row(merging.subtract, "Rescaling, Add"),
    "Concatenate": _row(merging.concatenate, "itself, the axis counted from the front"),
    "Dot": _row(merging.dot, SAME, "normalize; inputs of different or more than three dimensions"),
    "SimpleRNN": _row(recurrent.recurrent, SAME, f"{_MASK}, {_STATE}"),
    "LSTM": _row(recurrent.recurrent, SAME, f"{_MASK}, {_STATE}"),
    "GRU": _row(recurrent.recurrent, SAME, f"reset_after (Keras' default), {_MASK}, {_STATE}"),
    "RNN": _row(recurrent.recurrent, SAME, f"cells of one's own; states of stacked cells; {_MASK}, {_STATE}"),
    "ConvLSTM2D": _row(recurrent.conv_lstm, SAME, f"masks, {_FIRST}, {_STATE}"),
    "Bidirectional": _row(
        recurrent.bidirectional,
        SAME,
        f"a backward_layer that isn't the forward one turned round; masked steps that show, {_MASK}",
    ),
    "TimeDistributed": _row(recurrent.time_distributed, "itself, around a model where its layer becomes several"),
}  # fmt: skip
"""By Keras' class name. A layer that isn't listed is refused."""
