"""InvertPermutation(p)  ->  ScatterNd(p, [0, 1, …])"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, arange, cast, expand, scatter_nd, size
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Each number's place is written at the number."""
    (p,) = node.inputs
    count = size(p, 0)
    return scatter_nd(expand(cast(p, "int32"), 1), cast(arange(count), p.dtype), [count])


LOWERING = Lowering(
    name="invert_permutation",
    ops=("InvertPermutation",),
    equation="InvertPermutation(p) → ScatterNd(p, [0, 1, …])",
    lower=lower,
)
