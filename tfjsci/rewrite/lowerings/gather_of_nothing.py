"""GatherV2(x, i) of an empty x  ->  nothing, in the shape that it should have

wasm gives it another one.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, filled
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A Const, or a Fill."""
    made = node.output()
    if made is None or made.shape is None or None in made.shape or 0 not in made.shape:
        return Declined(reason="it isn't known to be empty")
    return filled([n for n in made.shape if n is not None], 0, made.dtype)


LOWERING = Lowering(
    name="gather_of_nothing", ops=("Gather", "GatherV2"), equation="GatherV2(x, i) of an empty x → Const", lower=lower
)
