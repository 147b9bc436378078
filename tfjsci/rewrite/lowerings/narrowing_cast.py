"""Cast(x, uint8)  ->  Cast(FloorMod(x, 256), uint8); with a sign: FloorMod(x + 128, 256) - 128

The runtime keeps every integer as int32, so a number beyond 8 or 16 bits must be wrapped in so many words.
"""

from __future__ import annotations

from tfjsci.catalog.bounds import bounds_of, range_of
from tfjsci.rewrite.build import Tensor, cast, floor_mod
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16}


def lower(node: Subject) -> Tensor | Declined:
    """FloorMod between two casts: the check sees that the second one loses nothing."""
    (x,) = node.inputs
    target = node.dtype_attr("DstT") or ""
    if target not in _BITS:
        return Declined(reason="it isn't cast to an integer of 8 or 16 bits")
    if not (x.integer or x.floating):
        return Declined(reason=f"it is {x.dtype}, which has nothing to wrap")
    if bounds_of(node.graph, node.node.inputs[0]).cut().within(range_of(target)):
        return Declined(reason="nothing in it is beyond the range")
    whole, count = cast(x, "int32"), 2 ** _BITS[target]
    if target.startswith("uint"):
        return cast(floor_mod(whole, count), target)
    return cast(floor_mod(whole + count // 2, count) - count // 2, target)


LOWERING = Lowering(
    name="narrowing_cast",
    ops=("Cast",),
    equation="Cast(x, uint8) → Cast(FloorMod(x, 256), uint8)",
    lower=lower,
)
