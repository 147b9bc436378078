"""TopKV2(x, 1) of one number  ->  x itself, and zeros"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims, filled, identity
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """An Identity and a Fill: the best of one is that one, in place 0."""
    x, _ = node.inputs
    if x.sizes[-1] != 1:
        return Declined(reason="there is more than one number to choose from")
    if node.number_in(1) != 1:
        return Declined(reason="k isn't 1")
    return identity(x), filled(dims(x), 0, "int32")


LOWERING = Lowering(
    name="top_of_one",
    ops=("TopKV2",),
    equation="TopKV2(x, 1) → x, 0 where x has one number a row",
    lower=lower,
    limits="The last dimension must be 1, and k constant.",
)
