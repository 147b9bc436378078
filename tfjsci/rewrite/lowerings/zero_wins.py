"""Xdivy(x, y), Xlogy(x, y), Xlog1py(x, y)  ->  0 where x = 0, elsewhere x / y, x · log y, x · log(1 + y)

MulNoNan(x, y), DivNoNan(x, y)  ->  0 where y = 0, elsewhere x · y, x / y

The 0 wins over what would be infinite or NaN, so multiplying by a mask isn't enough.
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.rewrite.build import Tensor, equal, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_PLAIN: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "DivNoNan": lambda x, y: x / y,
    "MulNoNan": lambda x, y: x * y,
    "Xdivy": lambda x, y: x / y,
    "Xlog1py": lambda x, y: x * unary("Log1p", y),
    "Xlogy": lambda x, y: x * unary("Log", y),
}


def lower(node: Subject) -> Tensor | Declined:
    """SelectV2 between 0 and the plain function."""
    x, y = node.inputs
    if not x.floating:
        return Declined(reason=f"it is for floats, these are {x.dtype}")
    decides = x if node.op.startswith("X") else y
    return where(equal(decides, 0), 0.0, _PLAIN[node.op](x, y))


LOWERING = Lowering(
    name="zero_wins",
    ops=tuple(_PLAIN),
    equation="Xlogy(x, y) → 0 where x = 0, elsewhere x · log y; Xdivy, Xlog1py, MulNoNan, DivNoNan likewise",
    lower=lower,
)
