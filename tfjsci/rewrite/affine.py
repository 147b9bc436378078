"""What the rules about ``x * s`` and ``x + t`` share: the two as patterns, and how far their constants may be taken.

A constant is *along the channels* when it is one number, or one for each value of the last dimension. Which ops a scale or a
shift can be taken through, and where it then ends, is in :mod:`tfjsci.rewrite.passing`.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant, Graph
from tfjsci.rewrite.channels import narrowed, wide
from tfjsci.rewrite.pattern import OpPattern, Pattern, constant, op
from tfjsci.rewrite.rule import NewConst

ADDITIONS = "Add|AddV2|BiasAdd"

LARGEST_SHIFT = 256.0
"""What is subtracted after a scale makes numbers of about 1, as norms do. Added elsewhere, in another order, a shift this large
leaves float32 (24 bits) 16 bits of them: 96 dB."""

LARGEST_QUOTIENT = 4096.0
"""Of a shift divided by its factor, which is small where training has switched a channel off: webgl computes with float16 on GPUs
without float32, up to 65504."""

FEWEST_CHANNELS = 8
"""Of a depthwise convolution in a norm's place: wasm computes so many at once, and of fewer most of the work is for nothing."""


def times(x: Pattern, scale: str, *, name: str) -> OpPattern:
    """``x * scale``, the constant on either side."""
    return op("Mul", x, constant(scale), name=name, either_order=True)


def plus(x: Pattern, shift: str, *, name: str) -> OpPattern:
    """``x + shift``, the constant on either side."""
    return op(ADDITIONS, x, constant(shift), name=name, either_order=True)


def along_channels(value: Array) -> bool:
    """Whether the constant is one number, or has but a last dimension."""
    return value.size == 1 or all(size == 1 for size in value.shape[:-1])


def stretched(graph: Graph, tensor: str, value: Array) -> str | None:
    """Why combining the tensor with this constant may give another shape than the tensor's, or None if it can't.

    A grey picture less the means of three colours has three channels.
    """
    if value.ndim == 0:
        return None
    known = graph.type_of(tensor)
    if known is None or known.shape is None or len(known.shape) < value.ndim:
        return "the shape of what the constant is combined with isn't known, or has fewer dimensions"
    if any(size not in (1, own) for size, own in zip(value.shape[::-1], known.shape[::-1], strict=False)):
        return f"the constant's shape {value.shape} isn't known to fit into {known.shape} without stretching it"
    return None


def flat(value: Array) -> Array:
    """Such a constant as a vector, or as rank 0 where it is one number."""
    result: Array = value.reshape(()) if value.size == 1 else value.reshape(-1)
    return result


def too_large_a_shift(shift: Array) -> str | None:
    """Why adding this elsewhere would cost precision, or None."""
    largest = float(np.abs(wide(shift)).max(initial=0))
    if largest <= LARGEST_SHIFT:
        return None
    return f"the shift of up to {largest:.6g} would leave float32 too few bits of what it is added to"


def positive(scale: Array) -> bool:
    """Whether every factor is above zero and finite, so that it keeps the order of numbers and their sign."""
    return bool((wide(scale) > 0).all() and np.isfinite(wide(scale)).all())


def unscaled(shift: Array, scale: Array, dtype: np.dtype[np.generic]) -> Array | str:
    """``t / s``, of which ``x * s + t = (x + t / s) * s``; or why there is none."""
    by = wide(scale)
    if not by.all() or not np.isfinite(by).all():
        return "a factor is zero or not finite: there is nothing to divide the shift by"
    with np.errstate(over="ignore"):
        quotient = wide(shift) / by
    if not float(np.abs(quotient).max(initial=0)) <= LARGEST_QUOTIENT:
        return "the shift divided by the factor is too large for GPUs that compute in half precision"
    return narrowed(quotient, dtype)


def beside(graph: Graph, tensor: str, value: Array) -> Array:
    """A flat constant with as many dimensions as it needs beside this tensor, whose rank is known: webgpu combines a vector
    and 5 dimensions wrongly."""
    known = graph.type_of(tensor)
    many = known is not None and known.shape is not None and len(known.shape) > 4
    result: Array = value.reshape(1, -1) if value.ndim == 1 and many else value
    return result


def depthwise_channels(graph: Graph, tensor: str) -> int | str:
    """How many channels a depthwise convolution would take a norm of this tensor in for, or why it wouldn't."""
    known = graph.type_of(tensor)
    if known is None or known.shape is None or len(known.shape) != 4 or known.shape[-1] is None:
        return "it isn't known to have 4 dimensions and so many channels"
    if known.dtype != "float32":
        return f"it is {known.dtype}, not float32"
    channels = known.shape[-1]
    return f"of {channels} channels it wouldn't pay" if channels < FEWEST_CHANNELS else channels


def unknown_rank(graph: Graph, tensor: str, value: Array) -> str | None:
    """Why it can't be told how a flat constant stands beside this tensor, or None."""
    known = graph.type_of(tensor)
    return "its rank isn't known" if value.ndim and (known is None or known.shape is None) else None


def new_constant(wanted: str, value: Array, sources: tuple[str, ...]) -> NewConst:
    """A weight named after the first variable it is made of, or else as wanted."""
    return NewConst(name=sources[0] if sources else wanted, constant=Constant(value=np.array(value), sources=sources))
