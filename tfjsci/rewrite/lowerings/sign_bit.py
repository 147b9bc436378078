"""BitwiseAnd(Bitcast(x, int32), -2³¹)  ->  -2³¹ where x < 0 or 1 / x < 0, elsewhere 0

How Keras asks for the sign of a float: argmax and argmin do, to tell -0 from 0; 1 / -0 is minus infinity.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.build import Tensor, cast, either, tensor_of, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_SIGN = np.int32(-(2**31))


def lower(node: Subject) -> Tensor | Declined:
    """Comparisons; the Bitcast falls away when nobody else reads it."""
    for i in (0, 1):
        mask = node.inputs[1 - i].value
        made = node.graph[node_of(node.node.inputs[i])]
        if made.op != "Bitcast" or mask is None:
            continue
        x = tensor_of(node.graph, made.inputs[0])
        if x.dtype != "float32" or mask.dtype != np.int32 or mask.size != 1 or mask.ndim or mask != _SIGN:
            continue
        negative = either(x < 0, unary("Reciprocal", x) < 0)
        return cast(negative, "int32") * int(_SIGN)
    return Declined(reason="it isn't the sign bit of a float32 that is asked for")


LOWERING = Lowering(
    name="sign_bit",
    ops=("BitwiseAnd",),
    equation="BitwiseAnd(Bitcast(x), −2³¹) → −2³¹ where x < 0 or 1 / x < 0, elsewhere 0",
    lower=lower,
    limits="masks other than the sign's",
    accuracy="a NaN counts as positive",
)
