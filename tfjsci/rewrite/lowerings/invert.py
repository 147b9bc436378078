"""Invert(x)  ->  -1 - x; without a sign: the largest value - x"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Sub."""
    (x,) = node.inputs
    if x.dtype in ("uint32", "uint64"):
        return Declined(reason=f"the runtime has no {x.dtype}")
    return (int(np.iinfo(x.dtype).max) if x.dtype.startswith("uint") else -1) - x


LOWERING = Lowering(
    name="invert", ops=("Invert",), equation="Invert(x) → −1 − x", lower=lower, limits="uint32 and uint64"
)
