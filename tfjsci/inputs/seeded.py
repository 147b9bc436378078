"""Random values that are the same in every run: one generator an input, seeded by the seed and the input's name.

So an input that is added, renamed or given a file changes no other input's values. Each value takes one number of the
generator's, whatever its distribution: on another machine, whose logarithm may round otherwise, one value may differ in its
last bit, and none after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.manifest.resolved import Drawn

FLOAT_RANGE = (0.0, 1.0)
"""What images are mostly scaled to."""
BYTE_RANGE = (0.0, 256.0)
"""uint8 is what undecoded images are."""
INT_RANGE = (0.0, 10.0)
"""Small enough to be an index into most vocabularies and tables."""

_FARTHEST = 9.0
"""Standard deviations from the mean at most: a double's smallest step below 1 is no farther."""


class SeededValues:
    """Values for one input of dtype ``dtype``, call after call, evenly spread over ``[low, high)`` unless ``drawn`` says more.

    ``ranges`` has ranges by dtype name; a dtype that isn't in it gets ``FLOAT_RANGE``, ``BYTE_RANGE`` or
    ``INT_RANGE``. Floats are made as float32 (or float16), which is what the browser holds: a float64 input is the same
    number on both sides. ``drawn`` is this input's own: its range goes before its dtype's, ``integers`` are whole numbers also
    in a float, ``normal`` has no ends.
    Raises ``BadInputs`` for a range that is empty or doesn't fit the dtype, for strings, and for a distribution that the dtype
    can't hold.
    """

    def __init__(
        self,
        *,
        name: str,
        dtype: str,
        seed: int,
        ranges: Mapping[str, tuple[float, float]],
        drawn: Drawn | None = None,
    ) -> None:
        if dtype == "string":
            raise BadInputs(
                f"input {name!r} takes strings, and random strings would mean nothing to it",
                hint=f"Give it a file: `inputs: {{{name}: samples/{name}.npy}}`.",
            )
        if dtype == "bool" and (dtype in ranges or drawn is not None):
            where = "`ranges`" if drawn is None else f"input {name!r}"
            raise BadInputs(f"{where} has a range for bool, which is false or true", hint="Take it out.")
        self._dtype = np.dtype(dtype)
        digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
        self._held: type[np.float16 | np.float32] = np.float16 if dtype == "float16" else np.float32
        self._drawn = drawn or Drawn()
        self._whole = self._dtype.kind in "iu" or self._drawn.distribution == "integers"
        if self._drawn.distribution == "normal":
            self._require_normal(name)
            far = _FARTHEST * self._drawn.std
            self._low, self._high = self._drawn.mean - far, self._drawn.mean + far
        else:
            default = INT_RANGE if self._whole and self._dtype.kind not in "iu" else ranges.get(dtype)
            self._low, self._high = self._drawn.range or default or _default_range(self._dtype)
        self._check_range()
        self.origin = f"random, seed {seed}, {self._spread()}"

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The input's."""
        return self._dtype

    def draw(self, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
        """The next values, of ``shape``."""
        if self._dtype.kind == "b":
            return self._generator.integers(0, 2, size=shape).astype(np.bool_)
        if self._whole:
            return self._generator.integers(int(self._low), int(self._high), size=shape).astype(self._dtype)
        if self._dtype.kind == "c":
            return (self._floats(shape) + 1j * self._floats(shape)).astype(self._dtype)
        return self._floats(shape).astype(self._dtype)

    def _floats(self, shape: tuple[int, ...]) -> npt.NDArray[np.float16 | np.float32]:
        evenly = self._generator.random(shape)
        if self._drawn.distribution == "normal":
            quantile = NormalDist(self._drawn.mean, self._drawn.std).inv_cdf
            inside = np.maximum(evenly, 2.0**-54)  # the quantile of 0 is infinite
            values = np.fromiter(map(quantile, inside.reshape(-1).tolist()), np.float64, evenly.size)
            return np.asarray(values.reshape(shape).astype(self._held))
        drawn = self._low + (self._high - self._low) * evenly
        # Rounding to few bits can reach the upper end, which is outside.
        below = np.nextafter(self._held(self._high), self._held(self._low))
        return np.asarray(np.minimum(drawn.astype(self._held), below))

    def _spread(self) -> str:
        if self._dtype.kind == "b":
            return "false or true"
        if self._drawn.distribution == "normal":
            return f"normal, mean {self._drawn.mean:g}, deviation {self._drawn.std:g}"
        whole = "whole numbers in " if self._drawn.distribution == "integers" else ""
        return f"{whole}[{self._low:g}, {self._high:g})"

    def _require_normal(self, name: str) -> None:
        if self._dtype.kind not in "fc":
            raise BadInputs(
                f"input {name!r} is of dtype {self._dtype.name}, and normal values have fractions",
                hint="Draw it from a range: `random: {distribution: integers, range: [low, high]}`.",
            )

    def _check_range(self) -> None:
        told = f"the range [{self._low:g}, {self._high:g}) for {self._dtype.name}"
        if not (np.isfinite([self._low, self._high]).all() and self._low < self._high):
            raise BadInputs(f"{told} is empty or infinite", hint="Write it as [low, high], the low end first.")
        if self._whole:
            if not (float(self._low).is_integer() and float(self._high).is_integer()):
                raise BadInputs(f"{told} has fractions", hint="Write whole numbers.")
            # TensorFlow.js has int32 for all whole numbers
            held = np.iinfo(np.int32)
            info = np.iinfo(self._dtype.name) if self._dtype.kind in "iu" else held
            if self._low < max(info.min, held.min) or self._high - 1 > min(info.max, held.max):
                raise BadInputs(f"{told} doesn't fit that dtype in TensorFlow.js", hint="Narrow it.")
        if self._dtype.kind in "fc" and max(abs(self._low), abs(self._high)) > float(np.finfo(self._held).max):
            raise BadInputs(f"{told} doesn't fit that dtype in TensorFlow.js", hint="Narrow it.")


def _default_range(dtype: np.dtype[np.generic]) -> tuple[float, float]:
    if dtype == np.uint8:
        return BYTE_RANGE
    return INT_RANGE if dtype.kind in "iu" else FLOAT_RANGE
