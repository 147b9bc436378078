"""SparseReshape(at, old, new)  ->  (Sum(at · strides of old) // stride of new) mod size, for each dimension

where both shapes are constant.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.rewrite.build import Tensor, const, floor_div, floor_mod, reduce, stack
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Mul and Sum make one index, FloorDiv, FloorMod and Pack the new ones."""
    at, old, new = node.inputs
    if old.value is None or new.value is None:
        return Declined(reason="the shapes aren't constant")
    before, after = old.value.reshape(-1).tolist(), new.value.reshape(-1).tolist()
    if -1 in after:
        rest = math.prod(n for n in after if n != -1)
        after[after.index(-1)] = math.prod(before) // rest if rest else 0
    flat = reduce("Sum", at * const(_strides(before)), [1])
    parts = [
        floor_mod(floor_div(flat, stride), max(n, 1)) for stride, n in zip(_strides(after).tolist(), after, strict=True)
    ]
    return stack(parts, 1), const(np.array(after, np.int64))


def _strides(sizes: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([max(math.prod(sizes[i + 1 :]), 1) for i in range(len(sizes))], np.int64)


LOWERING = Lowering(
    name="sparse_reshape",
    ops=("SparseReshape",),
    equation="SparseReshape(at, old, new) → Pack((Sum(at · strides) // stride) mod size)",
    lower=lower,
    limits="Both shapes must be constant.",
)
