"""Where(x) of numbers  ->  Where(x ≠ 0)

wasm cuts numbers to a byte instead of comparing them with 0.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, not_equal, positions
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """NotEqual before it."""
    (x,) = node.inputs
    if not (x.floating or x.integer):
        return Declined(reason=f"it is for numbers, this is {x.dtype}")
    return positions(not_equal(x, 0))


LOWERING = Lowering(name="where_numbers", ops=("Where",), equation="Where(x) of numbers → Where(x ≠ 0)", lower=lower)
