"""Weights as bytes: the dtypes that the runtime decodes, and its quantised encodings.

Source: tfjs-core ``io/io_utils`` and ``io/types`` (4.22.0). Little-endian; a quantised weight is turned back into
float32 when the model is loaded, as ``q * scale + min`` (uint8, uint16) or by widening (float16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tfjsci.graph.graph import Array

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


def encode(value: Array, quantize: Literal["float16"] | None = None) -> Encoded:
    """A weight as the format has it; only float32 can be quantised. The value is one of :func:`storable`'s dtypes."""
    if value.dtype.kind in "OSU":
        return _encode_strings(value)
    if quantize is not None and value.dtype == np.float32 and value.size:
        return encode_float16(clipped_to_float16(value))
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


def encode_codes(
    codes: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], *, scale: float, minimum: float, shape: Sequence[int]
) -> Encoded:
    """A float32 weight of ``shape`` as whole numbers, of which the runtime makes ``code * scale + minimum`` in double."""
    quantization = {"dtype": codes.dtype.name, "scale": scale, "min": minimum, "original_dtype": "float32"}
    entry = {"shape": list(shape), "dtype": "float32", "quantization": quantization}
    little = np.ascontiguousarray(codes, codes.dtype.newbyteorder("<"))
    return Encoded(data=little.reshape(-1).view(np.uint8).data, entry=entry, stored_dtype=codes.dtype.name)


def clipped_to_float16(value: Array) -> Array:
    """Within float16's range: beyond it a weight (a mask of -1e9) would become infinite, and 0 * inf is NaN."""
    return np.clip(value, -FLOAT16_MAX, FLOAT16_MAX)


def encode_float16(value: Array) -> Encoded:
    """A float32 weight in half the bytes; what is beyond float16's range becomes infinite."""
    with np.errstate(over="ignore"):
        data = value.astype("<f2")
    quantization = {"dtype": "float16", "original_dtype": "float32"}
    entry = {"shape": list(value.shape), "dtype": "float32", "quantization": quantization}
    return Encoded(data=data.tobytes(), entry=entry, stored_dtype="float16")


def _encode_strings(value: Array) -> Encoded:
    parts = []
    for item in value.reshape(-1):
        raw = item if isinstance(item, bytes) else str(item).encode()
        parts += [len(raw).to_bytes(4, "little"), raw]
    return Encoded(data=b"".join(parts), entry={"shape": list(value.shape), "dtype": "string"}, stored_dtype="string")
