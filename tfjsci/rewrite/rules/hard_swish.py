"""x * k * Relu6(x + a)  ->  u * ClipByValue(u + a√k, 0, 6√k), u = x * √k

where a layer in front takes the √k in: hard-swish is x * Relu6(x + 3) / 6, and what is left of it are three kernels.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.graph.graph import Array, Constant
from tfjsci.rewrite.in_front import scale_ends_in_front
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """Mul (which goes), AddV2, ClipByValue and Mul."""
    given = {name: match.value(name).value for name in ("factor", "shift")}
    if any(value.ndim or value.dtype.kind != "f" for value in given.values()):
        return Declined(reason="its constants aren't single floats")
    factor, shift = (float(value) for value in given.values())
    if not (factor > 0 and math.isfinite(factor) and math.isfinite(shift)):
        return Declined(reason=f"{factor:g} has no root to give to the layer in front")
    if not scale_ends_in_front(match.graph, match.tensors["x"], {node.name for node in match.nodes.values()}):
        return Declined(reason="no layer in front could take the factor in")
    root, half = match.root, math.sqrt(factor)
    dtype = {"T": root.attrs["T"]}

    def new(name: str, number: float) -> NewConst:
        value: Array = np.array(number, given["factor"].dtype)
        return NewConst(name=f"{root.name}/{name}", constant=Constant(value=value))

    scaled = NewNode(
        name=f"{root.name}/scaled", op="Mul", inputs=(match.tensors["x"], new("factor", half)), attrs=dtype
    )
    shifted = NewNode(
        name=match.nodes["shifted"].name, op="AddV2", inputs=(scaled, new("shift", shift * half)), attrs=dtype
    )
    ends = (new("low", 0.0), new("high", 6 * half))
    gate = NewNode(name=match.nodes["gate"].name, op="ClipByValue", inputs=(shifted, *ends), attrs=dtype)
    return Replacement(root=NewNode(name=root.name, op="Mul", inputs=(scaled, gate), attrs=dtype))


X, FACTOR = any_tensor("x"), constant("factor")
GATE = op("Relu6", op("AddV2|Add", X, constant("shift"), name="shifted", either_order=True), name="gate")


def _rule(pattern: OpPattern) -> Rule:
    return Rule(
        name="hard_swish",
        equation="x * k * Relu6(x + a) -> u * ClipByValue(u + a√k, 0, 6√k), u = x * √k",
        pattern=pattern,
        rewrite=rewrite,
        where="a layer in front takes the factor in",
    )


RULES = tuple(
    _rule(op("Mul", *sides, name="hard_swish", either_order=True))
    for sides in (
        (op("Mul", X, FACTOR, name="scaled", either_order=True), GATE),
        (X, op("Mul", GATE, FACTOR, name="scaled", either_order=True)),
        (FACTOR, op("Mul", X, GATE, name="scaled", either_order=True)),
    )
)
