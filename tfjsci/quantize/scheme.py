"""How weights are quantised: one value that says all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tfjsci.dtypes import SchemeName

Ranges = Literal["least-error", "min-max"]
"""How the ends of what the codes reach are chosen: for the least squared error, or at the weights' own ends."""

SmallWeights = Literal["float16", "quantized"]
"""What the smallest weights are stored in: float16, where the others have eight bits and fewer, or as the others."""

Rounding = Literal["balanced", "nearest"]
"""Whether the errors of each output channel cancel out (:mod:`tfjsci.quantize.balanced`), or each value is rounded by itself."""

NEEDING_INITIALIZER: frozenset[SchemeName] = frozenset({"uint8-per-channel", "uint16-per-channel", "int4", "int6"})
"""Schemes that the runtime can't undo while it loads: the artifact's initializer graph does, once."""

BITS: Mapping[SchemeName, int] = {
    "uint8": 8, "uint16": 16, "uint8-per-channel": 8, "uint16-per-channel": 16, "int6": 6, "int4": 4,
}  # fmt: skip
"""Of a code, in the schemes whose codes are evenly spaced."""

COARSEST_FIRST: tuple[SchemeName, ...] = (
    "int4", "int6", "uint8", "uint8-per-channel", "float16", "uint16", "uint16-per-channel",
)  # fmt: skip
"""By how well models agree whose weights are stored so: of several, the first says how well they all do."""

BEST_RANGES: Mapping[SchemeName, Ranges] = {
    "uint8": "min-max", "uint16": "least-error", "uint8-per-channel": "least-error", "uint16-per-channel": "least-error",
    "int6": "min-max", "int4": "min-max",
}  # fmt: skip
"""What a scheme has unless it is told. Measured in benchmarks/README.md: in four and six bits nets suffer more from what is cut
off of their largest weights than the squared error says, and codes of a whole range, whose ends are rare, are smaller to
download."""


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A scheme and its options.

    ``group`` (``int4`` and ``int6``): so many consecutive weights of one output channel share a scale and an offset, 16 to 128;
    None: all of the channel. ``levels`` (``uint8`` and ``uint8-per-channel``, 2 to 256): so many different codes, None: 256. A
    code takes a byte all the same, but gzip and brotli make of a few different ones little more than their entropy.
    ``ranges`` (None: :data:`BEST_RANGES`) and ``rounding`` say how codes are chosen without samples. ``exact_upstream``
    (``float16``, ``uint8``, ``uint16``): the bytes that upstream's converter writes for the same weights.
    """

    name: SchemeName
    group: int | None = None
    levels: int | None = None
    ranges: Ranges | None = None
    rounding: Rounding = "balanced"
    exact_upstream: bool = False

    @property
    def chosen_ranges(self) -> Ranges:
        """``ranges``, or what is best for the scheme. Raises ``KeyError`` for ``float16``, which has none."""
        return self.ranges or BEST_RANGES[self.name]

    @property
    def steps(self) -> int:
        """The largest code. Raises ``KeyError`` for ``float16``, which has none."""
        return (self.levels or 2 ** BITS[self.name]) - 1

    @property
    def needs_initializer(self) -> bool:
        """Whether the artifact needs an initializer graph, with what that costs the page."""
        return self.name in NEEDING_INITIALIZER
