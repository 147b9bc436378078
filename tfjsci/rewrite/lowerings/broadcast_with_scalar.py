"""BroadcastArgs(s, [])  ->  s

webgpu reads past the end of the shape of a scalar.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The other shape."""
    first, second = node.inputs
    if first.shape == (0,):
        return second
    return first if second.shape == (0,) else Declined(reason="neither is of a scalar")


LOWERING = Lowering(
    name="broadcast_with_scalar", ops=("BroadcastArgs",), equation="BroadcastArgs(s, []) → s", lower=lower
)
