"""Erfc(x)  ->  1 - Erf(x)

Keras' exact GELU is x/2 · erfc(-x/√2). For large x, where erfc is tiny, the difference has an absolute error of a float's
precision near 1; GELU multiplies it by x, and it stays far below what the runtime's own Erf (1.5e-7) does.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Sub and Erf, in the dtype that Erfc has."""
    known = match.graph.type_of(match.root.name)
    if known is None or known.dtype not in {"float32", "float16", "float64"}:
        return Declined(reason="its dtype isn't known to be a float that numpy has")
    attrs = kept(match.root)
    one = NewConst(name=f"{match.root.name}/one", constant=Constant(value=np.ones((), dtype=known.dtype)))
    erf = NewNode(name=f"{match.root.name}/erf", op="Erf", inputs=(match.tensors["x"],), attrs=attrs)
    return Replacement(root=NewNode(name=match.root.name, op="Sub", inputs=(one, erf), attrs=attrs))


RULE = Rule(
    name="erfc",
    equation="Erfc(x) -> 1 - Erf(x)",
    pattern=op("Erfc", any_tensor("x"), name="erfc"),
    rewrite=rewrite,
)
