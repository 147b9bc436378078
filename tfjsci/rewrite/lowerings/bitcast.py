"""Bitcast(x) between integers of the same size  ->  Cast(x), which wraps to the same bits"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, identity
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_PAIRS = ({"int8", "uint8"}, {"int16", "uint16"})


def lower(node: Subject) -> Tensor | Declined:
    """Cast, or nothing at all."""
    (x,) = node.inputs
    target = node.dtype_attr("type") or ""
    if x.dtype == target:
        return identity(x)
    if {x.dtype, target} in _PAIRS:
        return cast(x, target)
    return Declined(reason=f"the runtime can't take the bits of {x.dtype} for {target}: it has no access to them")


LOWERING = Lowering(
    name="bitcast",
    ops=("Bitcast",),
    equation="Bitcast(x) between integers of the same size → Cast(x)",
    lower=lower,
    limits="everything else: the runtime has no access to the bits of a float, and no unsigned 32-bit integers",
)
