"""LinSpace(start, stop, 1)  ->  [start]

webgpu divides by the 0 steps that there are.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, reshape
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A Reshape."""
    if node.number_in(2) != 1:
        return Declined(reason="it has several numbers")
    return reshape(node.inputs[0], [1])


LOWERING = Lowering(
    name="lin_space_of_one", ops=("LinSpace",), equation="LinSpace(start, stop, 1) → [start]", lower=lower
)
