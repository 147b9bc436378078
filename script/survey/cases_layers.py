"""Cases of ``keras.layers``: every public class, in the variants that make other graphs."""

from __future__ import annotations

from case import Case
from layers_attention import ATTENTION
from layers_basic import BASIC
from layers_conv import CONVOLUTIONS
from layers_pool import POOLS
from layers_preprocessing import PREPROCESSING
from layers_recurrent import RECURRENT

LAYER_CASES: tuple[Case, ...] = (*BASIC, *CONVOLUTIONS, *POOLS, *RECURRENT, *ATTENTION, *PREPROCESSING)

ALIASES = {
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Other names of the same class."""

LEFT_OUT = {
    "Layer": "abstract",
    "Wrapper": "abstract",
    "InputSpec": "no layer",
    "JaxLayer": "needs JAX",
    "FlaxLayer": "needs JAX and Flax",
    "TorchModuleWrapper": "needs PyTorch",
}
"""Public classes without a case, and why."""
