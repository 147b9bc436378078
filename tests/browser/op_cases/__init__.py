"""The table of example cases, by category of op; see :mod:`case` for what one is."""

from __future__ import annotations

from .case import OpCase
from .chains import CONTROL_FLOW, HASH_TABLE
from .convolution import CONVOLUTION
from .elementwise import ARITHMETIC, BASIC_MATH, GRAPH, LOGICAL
from .images import IMAGE
from .lists import TENSOR_ARRAYS, TENSOR_LISTS
from .matrices import MATRICES, NORMALIZATION
from .pooling import POOLING
from .rare import DYNAMIC, EVALUATION, SPARSE, SPECTRAL, STRING
from .shaping import CREATION, REDUCTION, SLICE_JOIN, TRANSFORMATION

__all__ = ["CASES", "OpCase"]

CASES: tuple[OpCase, ...] = (
    *ARITHMETIC, *BASIC_MATH, *CONTROL_FLOW, *TENSOR_LISTS, *TENSOR_ARRAYS, *CONVOLUTION, *POOLING, *CREATION, *DYNAMIC,
    *EVALUATION, *GRAPH, *HASH_TABLE, *IMAGE, *LOGICAL, *MATRICES, *NORMALIZATION, *REDUCTION, *SLICE_JOIN, *SPARSE,
    *SPECTRAL, *STRING, *TRANSFORMATION,
)  # fmt: skip
