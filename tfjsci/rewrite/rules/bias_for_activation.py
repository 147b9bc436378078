"""activation(linear(x, w))  ->  activation(linear(x, w) + 0)

with zeros as a bias, because the runtime fuses an activation behind a bias only. Adding them costs nothing inside the kernel, and
the pass over the result that the activation would be goes.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import LINEAR, not_linear, output_channels
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, again, kept


def rewrite(match: Match) -> Replacement | Declined:
    """A BiasAdd between the two."""
    activation, linear, kernel = match.root, match.nodes["linear"], match.value("kernel").value
    if reason := not_linear(linear, kernel):
        return Declined(reason=reason)
    zeros = NewConst(
        name=f"{linear.name}/zeros",
        constant=Constant(value=np.zeros(output_channels(linear, kernel), kernel.dtype)),
    )
    attrs = {"T": linear.attrs["T"], "data_format": b"NHWC"}
    biased = NewNode(name="", op="BiasAdd", inputs=(again(linear), zeros), attrs=attrs)
    return Replacement(
        root=NewNode(
            name=activation.name, op=activation.op, inputs=(biased, *activation.inputs[1:]), attrs=kept(activation)
        )
    )


_LINEAR = op(LINEAR, any_tensor("x"), constant("kernel"), name="linear")


def _rule(name: str, pattern: OpPattern) -> Rule:
    return Rule(
        name=name,
        equation="activation(linear(x, w)) -> activation(linear(x, w) + 0)",
        pattern=pattern,
        rewrite=rewrite,
        where="it is Relu, Relu6, Elu, Sigmoid, LeakyRelu or Prelu",
    )


RULES = (
    _rule("bias_for_activation", op("Relu|Relu6|Elu|Sigmoid|LeakyRelu", _LINEAR, name="activation")),
    _rule("bias_for_activation_with_slopes", op("Prelu", _LINEAR, constant("alpha"), name="activation")),
)
