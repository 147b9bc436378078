"""AddV2(x, y) of uint8  ->  Cast(AddV2(x, y) as int32, uint8)

The runtime doesn't wrap what goes beyond 8 or 16 bits. The cast does, where something can go beyond.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, make
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_OPS = ("Add", "AddN", "AddV2", "Cumsum", "Mul", "Neg", "Square", "Sub", "Sum")
_FIRST_ONLY = frozenset({"Cumsum", "Sum"})
"""Ops whose second input is an axis."""


def lower(node: Subject) -> Tensor | Declined:
    """The same op between casts."""
    inputs = node.inputs
    dtype = inputs[0].dtype
    if dtype not in ("int8", "uint8", "int16", "uint16"):
        return Declined(reason=f"it is for integers of 8 or 16 bits, these are {dtype}")
    data = 1 if node.op in _FIRST_ONLY else len(inputs)
    whole = make(
        node.op,
        [cast(each, "int32") if i < data else each for i, each in enumerate(inputs)],
        dtype="int32",
        shape=node.output_shape(),
        **{**node.node.attrs, "T": DType("int32")},
    )
    return cast(whole, dtype)


LOWERING = Lowering(
    name="narrow_arithmetic",
    ops=_OPS,
    equation="AddV2(x, y) of uint8 → Cast(AddV2(x, y) as int32, uint8); Sub, Mul, Sum and others likewise",
    lower=lower,
)
