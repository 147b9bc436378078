"""f(Reshape(linear(x, w), s), c)  ->  Reshape(f(linear(x, w), c'), s)

where f works element by element, and the Reshape splits channels or rows: c is spread over the last dimensions, which together
are the channels. Projections to attention heads and Dense on sequences stand before a Reshape, which keeps their bias from them;
a convolution whose pixels become rows is kept from its batch norm and its activation.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.graph.graph import Array, Constant
from tfjsci.rewrite.channels import LINEAR, made_of, not_linear, other_axis, output_channels, weight_name
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, again, kept

UNARY = "Elu|LeakyRelu|Relu|Relu6|Sigmoid"
"""What can be fused: others may as well stay."""

BINARY = "Add|AddV2|BiasAdd|Mul|Prelu"


def rewrite(match: Match) -> Replacement | Declined:
    """f before the Reshape."""
    reshape, linear, f = match.nodes["reshape"], match.nodes["linear"], match.root
    kernel = match.value("kernel").value
    if reason := not_linear(linear, kernel) or other_axis(f):
        return Declined(reason=reason)
    inner = match.nodes.get("inner")
    before: Source = again(linear)
    if inner is not None:
        sides = [before if name == linear.name else name for name in inner.inputs]
        before = NewNode(name=inner.name, op=inner.op, inputs=tuple(sides), attrs=kept(inner))
    inputs: tuple[Source, ...] = (before,)
    if "c" in match.tensors:
        given = match.value("c")
        spread = _over_channels(match, given.value, output_channels(linear, kernel))
        if spread is None:
            return Declined(reason=f"the operand's shape {given.value.shape} isn't one number for each channel")
        name = weight_name(given, match.tensors["c"])
        inputs = (before, NewConst(name=name, constant=Constant(value=spread, sources=made_of(given))))
    made = NewNode(name="", op=f.op, inputs=inputs, attrs=kept(f))
    root = NewNode(name=f.name, op="Reshape", inputs=(made, match.tensors["shape"]), attrs=kept(reshape))
    return Replacement(root=root)


def _over_channels(match: Match, value: Array, channels: int) -> Array | None:
    """c as [channels], if the last dimensions of the reshaped tensor are the channels, and c isn't spread before them."""
    shape = match.graph.constant(match.tensors["shape"])
    known = match.graph.type_of(match.nodes["reshape"].name)
    sizes = shape.value.tolist() if shape is not None else [] if known is None or known.shape is None else known.shape
    last: list[int] = []
    while math.prod(last) < channels and len(last) < len(sizes):
        size = sizes[len(sizes) - len(last) - 1]
        if size is None or size < 1:
            return None
        last.insert(0, size)
    if math.prod(last) != channels or value.ndim > len(sizes):
        return None
    split = max(value.ndim - len(last), 0)
    if any(size != 1 for size in value.shape[:split]):
        return None
    try:
        spread = np.broadcast_to(value.reshape(value.shape[split:]), last)
    except ValueError:
        return None
    flat: Array = np.array(spread.reshape(-1))
    return flat


def _rules(name: str, linear: OpPattern) -> tuple[Rule, ...]:
    reshape = op("Reshape", linear, any_tensor("shape"), name="reshape")
    patterns = (op(UNARY, reshape, name="f"), op(BINARY, reshape, constant("c"), name="f", either_order=True))
    return tuple(
        Rule(
            name=name if i == 0 else f"{name}_with_constant",
            equation="f(Reshape(linear(x, w), s), c) -> Reshape(f(linear(x, w), c'), s)",
            pattern=pattern,
            rewrite=rewrite,
            where="c is one number a channel",
        )
        for i, pattern in enumerate(patterns)
    )


_LINEAR = op(LINEAR, any_tensor("x"), constant("kernel"), name="linear")

RULES = (
    *_rules("sink_reshape", _LINEAR),
    *_rules(
        "sink_reshape_after_bias", op("Add|AddV2|BiasAdd|Mul", _LINEAR, constant("b"), name="inner", either_order=True)
    ),
)
