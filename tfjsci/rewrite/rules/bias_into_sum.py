"""(x + linear(y, w)) + c  ->  x + (linear(y, w) + c)

where c is one number for each channel: a residual's sum and a batch norm's shift, or the two products of a recurrent cell and
their bias, in the order in which the bias of the convolution or product can take the shift in.
"""

from __future__ import annotations

from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, output_channels, per_channel, rank_of_output
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, again


def rewrite(match: Match) -> Replacement | Declined:
    """The addition moved to the linear operand; ``add_as_bias`` or ``merge_biases`` takes it from there."""
    linear, kernel, shift = match.nodes["linear"], match.value("kernel"), match.value("shift")
    bias_add = match.nodes.get("bias_add")
    if len(match.nodes["sum"].inputs) != 2:
        return Declined(reason="the sum has more than two operands")
    if match.graph.constant(match.tensors["x"]) is not None:
        return Declined(reason="both addends are constants: merge_biases makes them one")
    reason = not_linear(linear, kernel.value)
    for node in (bias_add, match.root if match.root.op == "BiasAdd" else None):
        reason = reason or (other_axis(node) if node is not None else None)
    if reason:
        return Declined(reason=reason)
    channels = output_channels(linear, kernel.value)
    if per_channel(shift.value, channels, rank_of_output(linear, kernel.value)) is None:
        return Declined(
            reason=f"the addend's shape {shift.value.shape} isn't one number for each of {channels} channels"
        )
    added = (
        again(linear)
        if bias_add is None
        else NewNode(
            name=bias_add.name, op=bias_add.op, inputs=(again(linear), match.tensors["bias"]), attrs=bias_add.attrs
        )
    )
    attrs = {"T": match.root.attrs["T"]}
    shifted = NewNode(name="", op="AddV2", inputs=(added, match.tensors["shift"]), attrs=attrs)
    return Replacement(
        root=NewNode(name=match.root.name, op="AddV2", inputs=(match.tensors["x"], shifted), attrs=attrs)
    )


def _rule(name: str, *, biased: bool) -> Rule:
    linear = op(LINEAR, any_tensor("y"), constant("kernel"), name="linear")
    operand = op("BiasAdd", linear, constant("bias"), name="bias_add") if biased else linear
    return Rule(
        name=name,
        equation="(x + linear(y, w)) + c -> x + (linear(y, w) + c)",
        pattern=op(
            "AddV2|Add|BiasAdd",
            # the first operand that is linear: a recurrent cell's is the product of what comes in, not of its state
            op("AddN|AddV2|Add", operand, any_tensor("x"), name="sum", either_order=True),
            constant("shift"),
            name="add",
            either_order=True,
        ),
        rewrite=rewrite,
        where="c is one number a channel",
    )


RULE = _rule("bias_into_sum", biased=False)
AFTER_BIAS = _rule("bias_into_sum_after_bias", biased=True)

RULES = (RULE, AFTER_BIAS)
