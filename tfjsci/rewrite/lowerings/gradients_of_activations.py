"""ReluGrad(g, x), TanhGrad(y, g), …  ->  g times the derivative, of the activation's input x or output y

A graph that was exported with its gradient (saliency, an inner optimisation) has them.
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.rewrite.build import Tensor, both, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805
"""Selu's, as its paper gives them."""

_OF_INPUT: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "ReluGrad": lambda g, x: where(x > 0, g, 0),
    "Relu6Grad": lambda g, x: where(both(x > 0, x < 6), g, 0),
    "SoftplusGrad": lambda g, x: g * unary("Sigmoid", x),
    "SoftsignGrad": lambda g, x: g / unary("Square", 1 + unary("Abs", x)),
}
"""(g, x)"""

_OF_OUTPUT_LAST: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "EluGrad": lambda g, y: where(y < 0, g * (y + 1), g),
    "SeluGrad": lambda g, y: where(y < 0, g * (y + _SCALE * _ALPHA), g * _SCALE),
}
"""(g, y)"""

_OF_OUTPUT_FIRST: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "InvGrad": lambda y, g: -g * unary("Square", y),
    "ReciprocalGrad": lambda y, g: -g * unary("Square", y),
    "RsqrtGrad": lambda y, g: g * -0.5 * unary("Square", y) * y,
    "SigmoidGrad": lambda y, g: g * y * (1 - y),
    "SqrtGrad": lambda y, g: g * 0.5 / y,
    "TanhGrad": lambda y, g: g * (1 - unary("Square", y)),
}
"""(y, g)"""

_OF = {**_OF_INPUT, **_OF_OUTPUT_LAST, **_OF_OUTPUT_FIRST}


def lower(node: Subject) -> Tensor | Declined:
    """As the tables say; LeakyReluGrad (g, x) has an attribute."""
    first, second = node.inputs
    if not (first.floating or first.integer):
        return Declined(reason=f"it is for real numbers, these are {first.dtype}")
    if node.op == "LeakyReluGrad":
        alpha = node.attr("alpha")
        return where(second > 0, first, first * (float(alpha) if isinstance(alpha, (int, float)) else 0.2))
    return _OF[node.op](first, second)


LOWERING = Lowering(
    name="gradients_of_activations",
    ops=("LeakyReluGrad", *_OF),
    equation="ReluGrad(g, x) → g where x > 0, elsewhere 0; TanhGrad(y, g) → g · (1 − y²); and ten like them",
    lower=lower,
)
