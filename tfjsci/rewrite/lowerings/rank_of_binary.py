"""f(x, y)  ->  Reshape(f(Reshape(x), Reshape(y)))

for an elementwise f above six dimensions (for DivNoNan four). Neighbouring dimensions along which x is spread, or y, or
neither, are one; where that leaves too many, both are made of the result's shape.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions.axes import BINARY
from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.formulas.fewer_dimensions import again, spread_over
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6
_SELECTING = {"DivNoNan": 4}


def lower(node: Subject) -> Tensor | Declined:
    """Reshapes around the op; BiasAdd, whose bias is a vector, becomes AddV2."""
    limit = _SELECTING.get(node.op, LIMIT)
    operands = node.inputs
    if max(x.rank for x in operands) <= limit:
        return Declined(reason=f"{limit} dimensions aren't too many")
    if node.op == "BiasAdd":
        if node.text("data_format").upper().startswith("NC"):
            return Declined(reason="its channels come first")
        return spread_over(operands, limit, lambda flat: flat[0] + flat[1])
    return spread_over(operands, limit, lambda flat: again(node, flat))


LOWERING = Lowering(
    name="rank_of_binary",
    ops=tuple(sorted((BINARY - {"Prelu"}) | _SELECTING.keys())),
    equation="f(x, y) of more than 6 dimensions → Reshape(f(Reshape(x), Reshape(y)))",
    lower=lower,
)
