"""The table of example cases, by category of op; see :mod:`case` for what one is."""

from __future__ import annotations

from .case import OpCase
from .convolution import CONVOLUTION, IMAGE, MATRICES, NORMALIZATION
from .elementwise import ARITHMETIC, BASIC_MATH, GRAPH, LOGICAL
from .rare import DYNAMIC, EVALUATION, SPARSE, SPECTRAL, STRING
from .shaping import CREATION, REDUCTION, SLICE_JOIN, TRANSFORMATION

__all__ = ["CASES", "OpCase"]

CASES: tuple[OpCase, ...] = (
    *ARITHMETIC, *BASIC_MATH, *CONVOLUTION, *CREATION, *DYNAMIC, *EVALUATION, *GRAPH, *IMAGE, *LOGICAL, *MATRICES,
    *NORMALIZATION, *REDUCTION, *SLICE_JOIN, *SPARSE, *SPECTRAL, *STRING, *TRANSFORMATION,
)  # fmt: skip
