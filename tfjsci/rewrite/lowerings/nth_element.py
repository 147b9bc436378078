"""NthElement(x, n)  ->  -TopKV2(-x, n + 1)[…, n]; reversed without the signs"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, along, squeeze, top_k
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """TopKV2, a Slice, and two Negs; nothing of it where there is one element."""
    x, _ = node.inputs
    n = node.number_in(1)
    if n is None:
        return Declined(reason="n isn't constant")
    backwards = node.flag("reverse", False)
    if not backwards and x.dtype.startswith("uint"):
        return Declined(reason=f"{x.dtype} has no negative numbers")
    if x.sizes[-1] == 1:  # the only one; and webgpu's TopK gives back its input itself, which is freed behind it
        return squeeze(x, -1)
    values, _ = top_k(x if backwards else -x, n + 1)
    found = squeeze(along(values, -1, n, 1), -1)
    return found if backwards else -found


LOWERING = Lowering(
    name="nth_element",
    ops=("NthElement",),
    equation="NthElement(x, n) → −TopKV2(−x, n + 1)[…, n]",
    lower=lower,
    limits="n must be constant; unsigned integers only reversed.",
)
