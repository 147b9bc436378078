"""Transpose(Cast(i))  ->  Transpose(Floor(Cast(i))), and whatever else transposes inside

webgpu leaves the Cast of an integer in the integer's buffer, which its transposing kernel can't read. Floor changes no whole
number, and writes floats.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions.webgpu_integers import cast_of_whole
from tfjsci.rewrite.build import Tensor, make, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The node on Floors of its casts."""
    inputs = [_settled(node, i) for i in range(len(node.inputs))]
    made = node.output()
    if inputs == list(node.inputs) or made is None:
        return Declined(reason="it has no float that was an integer")
    return make(node.op, inputs, dtype=made.dtype, shape=made.shape, **node.node.attrs)


def _settled(node: Subject, index: int) -> Tensor:
    x = node.inputs[index]
    return unary("Floor", x) if x.floating and cast_of_whole(node.graph, node.node.inputs[index]) else x


LOWERING = Lowering(
    name="settle_cast",
    ops=(
        "Transpose", "BatchToSpaceND", "Einsum", "Sum", "Mean", "Max", "Min", "Prod", "ArgMax", "ArgMin", "Cumsum", "Cumprod",
    ),
    equation="Transpose(Cast(i)) → Transpose(Floor(Cast(i)))",
    lower=lower,
)  # fmt: skip
