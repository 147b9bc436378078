"""f(shape of x)  ->  a constant, where each number of it is known before the run

Sizes that are read, cut, put together, multiplied: where the batch alone is open, the others are numbers.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant, DType
from tfjsci.rewrite.pattern import Match, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.sizes import sizes_of
from tfjsci.rewrite.symbolic.values import RECKONING


def rewrite(match: Match) -> Replacement | Declined:
    """The numbers, handed on by an Identity, which falls away."""
    root = match.root
    known = match.graph.type_of(root.name)
    values = sizes_of(match.graph).value(root.name)
    if known is None or values is None:
        return Declined(reason="it isn't a small tensor of whole numbers", moot=True)
    numbers = values.reshape(-1)
    if not all(isinstance(number, int) for number in numbers):
        return Declined(
            reason=f"only a run tells {', '.join(str(n) for n in numbers if not isinstance(n, int))}", moot=True
        )
    constant = NewConst(name="", constant=Constant(value=values.astype(known.dtype)))
    return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(constant,), attrs={"T": DType(known.dtype)}))


RULE = Rule(
    name="known_sizes",
    equation="f(shape of x) -> constant",
    pattern=op("|".join(sorted(RECKONING)), name="root"),
    rewrite=rewrite,
    where="a run needn't tell any of the numbers",
)
