"""Random values that are the same in every run: one generator an input, seeded by the seed and the input's name.

So an input that is added, renamed or given a file changes no other input's values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs

FLOAT_RANGE = (0.0, 1.0)
"""What images are mostly scaled to."""
BYTE_RANGE = (0.0, 256.0)
"""uint8 is what undecoded images are."""
INT_RANGE = (0.0, 10.0)
"""Small enough to be an index into most vocabularies and tables."""


class SeededValues:
    """Values for one input of dtype ``dtype``, call after call, evenly spread over ``[low, high)``.

    ``ranges`` has ranges by dtype name; a dtype that isn't in it gets ``FLOAT_RANGE``, ``BYTE_RANGE`` or
    ``INT_RANGE``. Floats are made as float32 (or float16), which is what the browser holds: a float64 input is the same
    number on both sides.
    Raises ``BadInputs`` for a range that is empty or doesn't fit the dtype, and for strings.
    """

    def __init__(self, *, name: str, dtype: str, seed: int, ranges: Mapping[str, tuple[float, float]]) -> None:
        if dtype == "string":
            raise BadInputs(
                f"input {name!r} takes strings, and random strings would mean nothing to it",
                hint=f"Give it a file: `inputs: {{{name}: samples/{name}.npy}}`.",
            )
        if dtype == "bool" and dtype in ranges:
            raise BadInputs("`ranges` has a range for bool, which is false or true", hint="Take it out.")
        self._dtype = np.dtype(dtype)
        digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
        self._low, self._high = ranges.get(dtype, _default_range(self._dtype))
        self._held: type[np.float16 | np.float32] = np.float16 if dtype == "float16" else np.float32
        self._check_range()
        spread = "false or true" if self._dtype.kind == "b" else f"[{self._low:g}, {self._high:g})"
        self.origin = f"random, seed {seed}, {spread}"

    def draw(self, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
        """The next values, of ``shape``."""
        if self._dtype.kind == "b":
            return self._generator.integers(0, 2, size=shape).astype(np.bool_)
        if self._dtype.kind in "iu":
            return self._generator.integers(int(self._low), int(self._high), size=shape).astype(self._dtype)
        if self._dtype.kind == "c":
            return (self._floats(shape) + 1j * self._floats(shape)).astype(self._dtype)
        return self._floats(shape).astype(self._dtype)

    def _floats(self, shape: tuple[int, ...]) -> npt.NDArray[np.float16 | np.float32]:
        drawn = self._low + (self._high - self._low) * self._generator.random(shape)
        # Rounding to few bits can reach the upper end, which is outside.
        below = np.nextafter(self._held(self._high), self._held(self._low))
        return np.asarray(np.minimum(drawn.astype(self._held), below))

    def _check_range(self) -> None:
        told = f"the range [{self._low:g}, {self._high:g}) for {self._dtype.name}"
        if not (np.isfinite([self._low, self._high]).all() and self._low < self._high):
            raise BadInputs(f"{told} is empty or infinite", hint="Write it as [low, high], the low end first.")
        if self._dtype.kind in "iu":
            if not (float(self._low).is_integer() and float(self._high).is_integer()):
                raise BadInputs(f"{told} has fractions", hint="Write whole numbers.")
            info, held = np.iinfo(self._dtype.name), np.iinfo(np.int32)  # TensorFlow.js has int32 for all of them
            if self._low < max(info.min, held.min) or self._high - 1 > min(info.max, held.max):
                raise BadInputs(f"{told} doesn't fit that dtype in TensorFlow.js", hint="Narrow it.")
        elif self._dtype.kind in "fc" and max(abs(self._low), abs(self._high)) > float(np.finfo(self._held).max):
            raise BadInputs(f"{told} doesn't fit that dtype in TensorFlow.js", hint="Narrow it.")


def _default_range(dtype: np.dtype[np.generic]) -> tuple[float, float]:
    if dtype == np.uint8:
        return BYTE_RANGE
    return INT_RANGE if dtype.kind in "iu" else FLOAT_RANGE
