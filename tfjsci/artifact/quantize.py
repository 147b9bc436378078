"""Which weights a quantisation takes, and why the others stay float32."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.format.encoding import QuantizedDType
from tfjsci.graph.graph import Constant, dtype_name

SMALL_ELEMENTS = 64
"""Below this a weight saves a few bytes and costs accuracy where it counts: scales, thresholds, anchors."""


@dataclass(frozen=True, kw_only=True)
class Quantization:
    """A dtype and the patterns (``fnmatch``) of the weights that get it.

    A pattern is tried on the weight's name in the artifact and on the path of each variable that it was made of.
    Without ``include``, all weights of two dimensions and more are taken; with it, whatever matches.
    """

    dtype: QuantizedDType
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def stays_float(name: str, constant: Constant, quantization: Quantization) -> str | None:
    """Why this weight isn't quantised, or None if it is."""
    value = constant.value
    names = (name, *constant.sources)
    dtype = dtype_name(value)
    if RUNTIME_DTYPE.get(dtype) != "float32":  # half and double are stored as float32, and so can be quantised
        return f"it is {dtype}"
    if _any_match(names, quantization.exclude):
        return "it is excluded"
    if quantization.include:
        if not _any_match(names, quantization.include):
            return "no pattern includes it"
    elif value.ndim < 2:
        return "it is a vector: a bias or a scale"
    elif value.size < SMALL_ELEMENTS:
        return f"it has {value.size} elements"
    if value.size == 0:
        return "it is empty"
    if not np.isfinite(value).all():
        return "it has values that aren't finite"
    return None


def quantized_weights(constants: Mapping[str, Constant], quantization: Quantization) -> tuple[str, ...]:
    """The names of the weights that this quantisation takes."""
    return tuple(name for name, constant in constants.items() if stays_float(name, constant, quantization) is None)


def unmatched(constants: Mapping[str, Constant], quantization: Quantization) -> tuple[str, ...]:
    """The patterns that match no weight at all: a slip of the pen, most likely."""
    every = [(name, *constant.sources) for name, constant in constants.items()]
    return tuple(
        pattern
        for pattern in (*quantization.include, *quantization.exclude)
        if not any(_any_match(candidates, (pattern,)) for candidates in every)
    )


def _any_match(names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
