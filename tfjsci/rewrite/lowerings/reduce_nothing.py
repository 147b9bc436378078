"""Sum(x) of nothing  ->  0, where x has no numbers

Prod of nothing is 1, Max the lowest number, Min the largest one, Mean NaN, All true, Any false. The GPU backends divide by the
count that there isn't; the others give what happens to lie there.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, dims, filled
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A Const, or a Fill."""
    x = node.inputs[0]
    if 0 not in x.sizes:
        return Declined(reason="it isn't known to be of nothing")
    axes = whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axes aren't constant")
    value = _of_nothing(node.op, x.dtype)
    if value is None:
        return Declined(reason=f"of no {x.dtype} there is no {node.op}")
    keep = node.flag("keep_dims", False)
    sizes = [1 if axis in axes else n for axis, n in enumerate(dims(x)) if keep or axis not in axes]
    return filled(sizes, value, x.dtype)


def _of_nothing(op: str, dtype: str) -> float | bool | None:
    if op in ("All", "Any"):
        return op == "All"
    if op in ("Sum", "Prod"):
        return 0 if op == "Sum" else 1
    if dtype.startswith(("float", "bfloat")):
        return {"Max": -np.inf, "Min": np.inf, "Mean": np.nan}[op]
    if op == "Mean" or not dtype.startswith(("int", "uint")):
        return None
    return int(np.iinfo(dtype).min if op == "Max" else np.iinfo(dtype).max)


LOWERING = Lowering(
    name="reduce_nothing",
    ops=("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"),
    equation="Sum(x) of no numbers → 0; Prod → 1, Max → −∞, Min → ∞, Mean → NaN, All → true, Any → false",
    lower=lower,
    limits="The axes must be constant",
)
