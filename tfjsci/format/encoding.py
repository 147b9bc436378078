"""Weights as bytes: the dtypes that the runtime decodes, and its quantised encodings.

Source: tfjs-core ``io/io_utils`` and ``io/types`` (4.22.0). Little-endian; a quantised weight is turned back into
float32 when the model is loaded, as ``q * scale + min`` (uint8, uint16) or by widening (float16).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tfjsci.graph.graph import Array

QuantizedDType = Literal["float16", "uint16", "uint8"]
FLOAT16_MAX = 65504.0
FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A weight's bytes and its manifest entry (without the name)."""

    data: bytes | memoryview
    entry: dict[str, Any]
    stored_dtype: str


class NotEncodableError(ValueError):
    """A weight of a dtype, or with values, that the format can't hold."""


def encode(value: Array, quantize: QuantizedDType | None = None) -> Encoded:
    """A weight as the format has it; only float32 can be quantised. The value is one of :func:`storable`'s dtypes."""
    if value.dtype.kind in "OSU":
        return _encode_strings(value)
    if quantize is not None and value.dtype == np.float32 and value.size:
        return _encode_float16(value) if quantize == "float16" else _encode_affine(value, quantize)
    entry = {"shape": list(value.shape), "dtype": value.dtype.name}
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    # the array's own memory: a large weight is written without another copy of it
    data = little.reshape(-1).view(np.uint8).data if little.size else b""
    return Encoded(data=data, entry=entry, stored_dtype=value.dtype.name)


def storable(value: Array, *, saturate: bool = False) -> Array:
    """The value in a dtype that the runtime holds: float32, int32, bool, complex64 or string.

    Integers beyond int32 raise ``NotEncodableError``; with ``saturate`` they are clipped (ends of slices, where the largest
    int64 means "to the end").
    """
    kind = value.dtype.kind
    if kind in "OSU" or value.dtype in (np.float32, np.int32, np.bool_, np.complex64):
        return value
    if kind == "f" or value.dtype.name == "bfloat16":
        return value.astype(np.float32)
    if kind == "c":
        return value.astype(np.complex64)
    if kind in "iu":
        info = np.iinfo(np.int32)
        if saturate:
            return np.asarray(np.clip(value, info.min, info.max)).astype(np.int32)  # clip gives a scalar for rank 0
        if value.size and (int(value.min()) < info.min or int(value.max()) > info.max):
            raise NotEncodableError(
                f"its values reach {int(value.min())} … {int(value.max())}, beyond int32, which is all the runtime has"
            )
        return value.astype(np.int32)
    raise NotEncodableError(f"its dtype is {value.dtype.name}, which the runtime doesn't have")


def affine(value: Array, dtype: Literal["uint8", "uint16"]) -> tuple[float, float]:
    """Scale and minimum of the affine encoding, nudged so that 0 is exact when the range includes it.

    The range is widened by at most one step for that: zero moves up or down, whichever costs less. A constant tensor
    gets scale 1 and its own value.
    """
    low, high = float(value.min()), float(value.max())
    if low == high:
        return 1.0, low
    steps = int(np.iinfo(dtype).max)
    scale = (high - low) / steps
    if low <= 0.0 <= high:
        below = min(-low / scale, steps)  # the division may round up past the end
        scale, zero = min(_reaching(low, high, zero, steps) for zero in (math.floor(below), math.ceil(below)))
        return scale, -zero * scale
    return scale, low


def _reaching(low: float, high: float, zero: int, steps: int) -> tuple[float, int]:
    """The least scale with which both ends are reached when ``zero`` stands for 0: the short side may need the longer steps."""
    scale = max(-low / zero if zero else 0.0, high / (steps - zero) if zero < steps else 0.0)
    if zero == 0 or zero == steps:  # an end that has no step of its own is stored as 0: half a step off at most
        scale = max(scale, 2 * -low if zero == 0 else 2 * high)
    return scale, zero


def _encode_affine(value: Array, dtype: Literal["uint8", "uint16"]) -> Encoded:
    wide = value.astype(np.float64)
    scale, low = affine(wide, dtype)
    # No step that lies beyond float32: the runtime would make infinity of it.
    first = max(0, math.ceil((-FLOAT32_MAX - low) / scale))
    last = min(int(np.iinfo(dtype).max), math.floor((FLOAT32_MAX - low) / scale))
    data = np.clip(np.rint((wide - low) / scale), first, last).astype(np.dtype(dtype).newbyteorder("<"))
    quantization = {"dtype": dtype, "scale": scale, "min": low, "original_dtype": "float32"}
    entry = {"shape": list(value.shape), "dtype": "float32", "quantization": quantization}
    return Encoded(data=data.tobytes(), entry=entry, stored_dtype=dtype)


def _encode_float16(value: Array) -> Encoded:
    # beyond float16's range a weight (a mask of -1e9) would become infinite, and 0 * inf is NaN
    data = np.clip(value, -FLOAT16_MAX, FLOAT16_MAX).astype("<f2")
    quantization = {"dtype": "float16", "original_dtype": "float32"}
    entry = {"shape": list(value.shape), "dtype": "float32", "quantization": quantization}
    return Encoded(data=data.tobytes(), entry=entry, stored_dtype="float16")


def _encode_strings(value: Array) -> Encoded:
    parts = []
    for item in value.reshape(-1):
        raw = item if isinstance(item, bytes) else str(item).encode()
        parts += [len(raw).to_bytes(4, "little"), raw]
    return Encoded(data=b"".join(parts), entry={"shape": list(value.shape), "dtype": "string"}, stored_dtype="string")
