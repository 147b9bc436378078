"""Maximum(Minimum(x, h), l)  ->  ClipByValue(x, l, h), or Relu6(x) where it is that;   Maximum(x, 0)  ->  Relu(x)

Exact. wasm compares with a constant one number at a time, and clips several at once; and Relu and Relu6 can be fused.
The bounds may be any two of Minimum, Maximum, Relu, Relu6 and ClipByValue: ReLU(max_value=3) is three of them.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, Node
from tfjsci.rewrite.pattern import Match, OpPattern, Pattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule

RECTIFIERS = {"Relu": (0.0, math.inf), "Relu6": (0.0, 6.0)}
"""What has bounds of its own."""


def rewrite(match: Match) -> Replacement | Declined:
    """Both bounds in one op."""
    if reason := _not_numbers(match):
        return Declined(reason=reason)
    steps = [step for step in ("inner", "outer") if step in match.nodes]
    bounds = [_bounds(match, step) for step in steps]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    if not low < high:
        return Declined(reason=f"the lower bound {low:g} isn't below the upper one, {high:g}")
    for name, wanted in RECTIFIERS.items():
        if (low, high) == wanted:
            return _made(match, name, steps, ())
    if not (math.isfinite(low) and math.isfinite(high)):
        return Declined(reason="it is bounded on one side only, and not by 0")
    return _made(match, "ClipByValue", steps, (_new(match, "low", low), _new(match, "high", high)))


def _made(match: Match, name: str, steps: list[str], ends: tuple[NewConst, ...]) -> Replacement | Declined:
    root = match.root
    if root.op == name and len(steps) == 1:
        return Declined(reason="it is that already", moot=True)
    attrs: dict[str, AttrValue] = {"T": root.attrs["T"]}
    return Replacement(root=NewNode(name=root.name, op=name, inputs=(match.tensors["x"], *ends), attrs=attrs))


def _new(match: Match, name: str, value: float) -> NewConst:
    return NewConst(name=f"{match.root.name}/{name}", constant=Constant(value=np.array(value, np.float32)))


def _not_numbers(match: Match) -> str | None:
    """Why the bounds aren't single float32 numbers that leave the shape as it is, or None if they are."""
    known = match.graph.type_of(match.tensors["x"])
    rank = len(known.shape) if known is not None and known.shape is not None else 0
    given = [match.value(name).value for name in match.tensors if name.endswith(("_low", "_high"))]
    if any(value.dtype != np.float32 for value in given):
        return "the bounds aren't float32"
    if any(value.size != 1 or value.ndim > rank for value in given):
        return "the bounds aren't single numbers"
    return None


def _bounds(match: Match, step: str) -> tuple[float, float]:
    node: Node = match.nodes[step]
    if node.op in RECTIFIERS:
        return RECTIFIERS[node.op]
    low, high = (f"{step}_low", f"{step}_high")
    return (
        float(match.value(low).value.reshape(())) if low in match.tensors else -math.inf,
        float(match.value(high).value.reshape(())) if high in match.tensors else math.inf,
    )


def _step(name: str, x: Pattern) -> tuple[OpPattern, ...]:
    """The ops that bound ``x``."""
    low, high = constant(f"{name}_low"), constant(f"{name}_high")
    return (
        op("Maximum", x, low, name=name, either_order=True),
        op("Minimum", x, high, name=name, either_order=True),
        op("ClipByValue", x, low, high, name=name),
        op("Relu|Relu6", x, name=name),
    )


def _rule(name: str, equation: str, pattern: OpPattern) -> Rule:
    return Rule(
        name=name, equation=equation, pattern=pattern, rewrite=rewrite, where="the bounds are single numbers of float32"
    )


X = any_tensor("x")
RULES = (
    *(
        _rule("bounds_as_clip", "Maximum(Minimum(x, h), l) -> ClipByValue(x, l, h)", pattern)
        for inner in _step("inner", X)
        for pattern in _step("outer", inner)
    ),
    *(_rule("bound_as_relu", "Maximum(x, 0) -> Relu(x)", pattern) for pattern in _step("outer", X)[:3]),
)
