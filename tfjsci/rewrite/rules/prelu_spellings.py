"""Relu(x) - alpha * Relu(-x)  ->  Prelu(x, alpha), or LeakyRelu(x) where alpha is one number

in the spellings that frameworks have: Relu(x) + (-alpha) * Relu(-x) (Keras), Relu(x) + alpha * Minimum(x, 0) (exporters),
Maximum(x, alpha * x) where alpha is from 0 to 1, and Select(x > 0, x, alpha * x).

Alpha must end like x's shape, which is what wasm reads of it.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, DType
from tfjsci.rewrite.affine import new_constant
from tfjsci.rewrite.channels import narrowed, wide
from tfjsci.rewrite.pattern import Match, OpPattern, Pattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source

FLOATS = ("float16", "float32", "float64")


def rewrite(match: Match) -> Replacement | Declined:
    """The runtime's op; ``minus`` in a rule's nodes says that its constant is -alpha."""
    x, given = match.tensors["x"], match.value("alpha")
    known = match.graph.type_of(x)
    dtype = match.root.attrs.get("T")
    if not isinstance(dtype, DType) or dtype.name not in FLOATS:
        return Declined(reason="the numbers aren't floating")
    alpha = wide(given.value)
    if match.root.op == "Maximum" and not ((alpha >= 0) & (alpha <= 1)).all():
        return Declined(reason="a slope isn't from 0 to 1: the maximum would bend the other way")
    if any(not _is_zero(match, name) for name in match.tensors if name.startswith("zero")):
        return Declined(reason="it doesn't bend at zero")
    if not np.isfinite(alpha).all():
        return Declined(reason="a slope isn't finite")
    if match.root.op != "Sub" and _minus(match):
        alpha = -alpha
    inputs: tuple[Source, ...] = (x,)
    attrs: dict[str, AttrValue] = {"T": dtype}
    if alpha.size == 1:
        if alpha.ndim and (known is None or known.shape is None or len(known.shape) < alpha.ndim):
            return Declined(reason="the rank of x isn't known")
        return Replacement(
            root=NewNode(
                name=match.root.name, op="LeakyRelu", inputs=inputs, attrs={**attrs, "alpha": float(alpha.reshape(()))}
            )
        )
    while alpha.shape[0] == 1:
        alpha = alpha[0]
    if (
        known is None
        or known.shape is None
        or known.shape[-alpha.ndim :] != alpha.shape
        or len(known.shape) == alpha.ndim
        or len(known.shape) < given.value.ndim
    ):
        return Declined(reason=f"alpha's shape {given.value.shape} isn't known to be how x's ends")
    slopes = new_constant(match.tensors["alpha"], narrowed(alpha, given.value.dtype), given.sources)
    return Replacement(root=NewNode(name=match.root.name, op="Prelu", inputs=(x, slopes), attrs=attrs))


def _is_zero(match: Match, name: str) -> bool:
    value = match.value(name).value
    return value.ndim == 0 and not wide(value).any()


def _minus(match: Match) -> bool:
    return "negative" in match.nodes


_X = any_tensor("x")
_ALPHA = constant("alpha")


def _times(y: Pattern) -> OpPattern:
    return op("Mul", y, _ALPHA, name="slope", either_order=True)


_ABOVE = op("Relu", _X, name="above")
_RELU_OF_MINUS = op("Relu", op("Neg", _X, name="negative"), name="below")
_MINIMUM = op("Minimum", _X, constant("zero_below"), name="below", either_order=True)
_POSITIVE = op("Greater|GreaterEqual", _X, constant("zero"), name="positive")
_NEGATIVE = op("Less|LessEqual", _X, constant("zero"), name="below_zero")


_PATTERNS = {
    "": op("Add|AddV2", _ABOVE, _times(_RELU_OF_MINUS), name="sum", either_order=True),
    "_subtracted": op("Sub", _ABOVE, _times(_RELU_OF_MINUS), name="difference"),
    "_of_minimum": op("Add|AddV2", _ABOVE, _times(_MINIMUM), name="sum", either_order=True),
    "_greatest": op("Maximum", _X, _times(_X), name="greatest", either_order=True),
    "_chosen": op("Select|SelectV2", _POSITIVE, _X, _times(_X), name="chosen"),
    "_chosen_below": op("Select|SelectV2", _NEGATIVE, _times(_X), _X, name="chosen"),
}

RULES = tuple(
    Rule(
        name=f"prelu_spellings{suffix}",
        equation="Relu(x) - alpha * Relu(-x) -> Prelu(x, alpha)",
        pattern=pattern,
        rewrite=rewrite,
        where="alpha is one number, or ends like the shape of x",
    )
    for suffix, pattern in _PATTERNS.items()
)
