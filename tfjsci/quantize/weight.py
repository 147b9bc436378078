"""One weight as it is stored, and the values that the browser makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.format.encoding import clipped_to_float16
from tfjsci.quantize.scheme import Scheme

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float32]
Scales = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class QuantizedWeight:
    """A float32 weight of ``shape`` in an integer scheme.

    ``codes`` (whole numbers from 0 to 2^bits - 1, unpacked, one for each weight) have the shape ``grouped``, which is ``shape``
    but where groups share a scale. ``scale`` and ``offset`` have ``grouped``'s rank and broadcast to it: one value per tensor
    (float64, as model.json has it), per channel or per group (float32).
    """

    scheme: Scheme
    shape: tuple[int, ...]
    grouped: tuple[int, ...]
    codes: Codes
    scale: Scales
    offset: Scales

    def values(self) -> Floats:
        """The weights as the browser has them, float32 of ``shape``: the same operations in the same order.

        What the runtime undoes while it loads is one sum in double; what the initializer graph undoes are float32 tensors all the
        way, sixteen bits as two planes of eight (:mod:`tfjsci.artifact.packed`).
        """
        if not self.scheme.needs_initializer:
            wide = self.codes * self.scale.astype(np.float64) + self.offset.astype(np.float64)
            return np.asarray(wide, dtype=np.float32).reshape(self.shape)
        if self.codes.dtype == np.uint16:
            high, low = (self.codes >> 8).astype(np.float32), (self.codes & 255).astype(np.float32)
            values = (high * (self.scale * np.float32(256)) + self.offset) + low * self.scale
        else:
            values = self.codes.astype(np.float32) * self.scale + self.offset
        return np.asarray(values, dtype=np.float32).reshape(self.shape)


@dataclass(frozen=True, kw_only=True)
class Float16Weight:
    """A weight that is stored in float16 with another value than the model's: ``value``, float32, within float16's range."""

    scheme: Scheme
    value: Floats

    @classmethod
    def of(cls, value: npt.NDArray[np.floating], scheme: Scheme) -> Float16Weight:
        """What is beyond float16's range is cut off there."""
        return cls(scheme=scheme, value=clipped_to_float16(value).astype(np.float32))

    def values(self) -> Floats:
        """The weight as the browser has it, float32."""
        return self.value.astype(np.float16).astype(np.float32)


PreparedWeight = QuantizedWeight | Float16Weight
"""What is known of a weight before it is written: its codes, or its value in float16."""
