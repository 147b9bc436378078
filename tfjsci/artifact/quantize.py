"""Which weights a quantisation takes, and why the others stay float32."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.errors import UsageError
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


Quantizations = Quantization | tuple[Quantization, ...] | None
"""One for all weights, several that share them out, or none."""


def each_of(wanted: Quantizations) -> tuple[Quantization, ...]:
    """One or several, as several."""
    return (wanted,) if isinstance(wanted, Quantization) else wanted or ()


def dtype_of(name: str, constant: Constant, wanted: Quantizations) -> QuantizedDType | None:
    """What the weight is stored as; None: as it is. Raises ``UsageError`` when two quantisations take it."""
    takers = [each for each in each_of(wanted) if stays_float(name, constant, each) is None]
    if len(takers) > 1:
        dtypes = " and ".join(each.dtype for each in takers)
        raise UsageError(
            f"the weight {name} is to be {dtypes}", hint="A weight is stored in one dtype: make the patterns narrower."
        )
    return takers[0].dtype if takers else None


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


def quantized_weights(constants: Mapping[str, Constant], wanted: Quantizations) -> tuple[str, ...]:
    """The names of the weights that are quantised."""
    return tuple(name for name, constant in constants.items() if dtype_of(name, constant, wanted) is not None)


def unmatched(constants: Mapping[str, Constant], quantization: Quantization) -> tuple[str, ...]:
    """The patterns that match no weight at all: a slip of the pen, most likely."""
    return _unmatched(names_of(constants), quantization)


def names_of(constants: Mapping[str, Constant]) -> list[tuple[str, ...]]:
    """Of each weight, the names that patterns are tried on."""
    return [(name, *constant.sources) for name, constant in constants.items()]


def _unmatched(every: Sequence[tuple[str, ...]], quantization: Quantization) -> tuple[str, ...]:
    return tuple(
        pattern
        for pattern in (*quantization.include, *quantization.exclude)
        if not any(_any_match(candidates, (pattern,)) for candidates in every)
    )


def unmatched_notes(every: Sequence[tuple[str, ...]], wanted: Iterable[Quantization]) -> tuple[str, ...]:
    """What the reader should know of the patterns: those that match no weight; ``every`` has the names of each."""
    return tuple(
        f"the pattern {pattern!r} of {each.dtype} matches no weight"
        for each in wanted
        for pattern in _unmatched(every, each)
    )


def _any_match(names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
