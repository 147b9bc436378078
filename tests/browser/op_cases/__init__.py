"""The table of example cases, by category of op; see :mod:`case` for what one is.

Those written by hand, and variants of them in other dtypes and ranks, as far as TensorFlow can compute them.
"""

from __future__ import annotations

import json
from pathlib import Path

from .case import OpCase
from .chains import CONTROL_FLOW, HASH_TABLE
from .complex_numbers import COMPLEX
from .convolution import CONVOLUTION
from .elementwise import ARITHMETIC, BASIC_MATH, GRAPH, LOGICAL
from .generated_dtypes import in_other_dtypes
from .generated_ranks import in_other_ranks
from .images import IMAGE
from .lists import TENSOR_ARRAYS, TENSOR_LISTS
from .matrices import MATRICES, NORMALIZATION
from .picking import MOVED, PICKED, SCANNED
from .pooling import POOLING
from .rare import DYNAMIC, EVALUATION, SPARSE, SPECTRAL, STRING
from .shaping import CREATION, REDUCTION, SLICE_JOIN, TRANSFORMATION

__all__ = ["CANDIDATES", "CASES", "WRITTEN", "OpCase"]

WRITTEN: tuple[OpCase, ...] = (
    *ARITHMETIC, *BASIC_MATH, *CONTROL_FLOW, *TENSOR_LISTS, *TENSOR_ARRAYS, *CONVOLUTION, *POOLING, *CREATION, *DYNAMIC,
    *EVALUATION, *GRAPH, *HASH_TABLE, *IMAGE, *LOGICAL, *MATRICES, *NORMALIZATION, *REDUCTION, *SLICE_JOIN, *SPARSE,
    *SPECTRAL, *COMPLEX, *STRING, *TRANSFORMATION, *MOVED, *PICKED, *SCANNED,
)  # fmt: skip

CANDIDATES: tuple[OpCase, ...] = (*in_other_dtypes(WRITTEN), *in_other_ranks(WRITTEN))

_EXPECTATIONS = Path(__file__).parent.parent / "op_expectations.json"
_RECORDED = frozenset(json.loads(_EXPECTATIONS.read_text(encoding="utf-8"))["cases"])

CASES: tuple[OpCase, ...] = (*WRITTEN, *(case for case in CANDIDATES if case.name in _RECORDED))
"""A candidate counts once record_op_expectations.py has an answer for it: TensorFlow's CPU has no kernel for some."""
