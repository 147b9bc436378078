"""Cast(x, bool)  ->  x ≠ 0

wasm's own cuts a number off to a byte, so that 0.5 and 256 become false.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, not_equal
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """NotEqual."""
    (x,) = node.inputs
    if node.dtype_attr("DstT") != "bool":
        return Declined(reason="it isn't cast to bool")
    if not (x.integer or x.floating):
        return Declined(reason=f"it is {x.dtype}, no number that can be 0")
    return not_equal(x, 0)


LOWERING = Lowering(name="cast_to_bool", ops=("Cast",), equation="Cast(x, bool) → x ≠ 0", lower=lower)
