"""(x * a) * b  ->  x * ab;   (x + a) + b  ->  x + (a + b);   (x * s + t) * c  ->  x * sc + tc;
(x + a) * b + c  ->  x * b + (ab + c)

for constants: what preprocessing, normalisation and batch norm after one another come to. The constants may have any shape,
as long as they don't become larger.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant
from tfjsci.rewrite.affine import new_constant, plus, times, too_large_a_shift
from tfjsci.rewrite.channels import made_of, narrowed, other_axis, out_of_range, wide
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source


def _scales(match: Match) -> Replacement | Declined:
    return _merged(match, "Mul", np.multiply, "a", "b")


def _shifts(match: Match) -> Replacement | Declined:
    return _merged(match, "AddV2", np.add, "a", "b")


def _merged(match: Match, op_name: str, of: np.ufunc, *names: str) -> Replacement | Declined:
    made = _combined(match, of, *names)
    if isinstance(made, Declined):
        return made
    return Replacement(root=_node(match, op_name, match.tensors["x"], made, match.root.name))


def _scale_again(match: Match) -> Replacement | Declined:
    """(x * s + t) * c"""
    scale, shift = _combined(match, np.multiply, "s", "c"), _combined(match, np.multiply, "t", "c")
    for made in (scale, shift):
        if isinstance(made, Declined):
            return made
    assert isinstance(scale, tuple)
    assert isinstance(shift, tuple)
    scaled = _node(match, "Mul", match.tensors["x"], scale, match.nodes["scaled"].name)
    return Replacement(root=_node(match, "AddV2", scaled, shift, match.root.name))


def _shift_again(match: Match) -> Replacement | Declined:
    """(x + a) * b + c"""
    moved = _combined(match, np.multiply, "a", "b")
    if isinstance(moved, Declined):
        return moved
    if reason := too_large_a_shift(moved[1]):
        return Declined(reason=reason)
    total = _fit(np.add, moved, (match.tensors["c"], match.value("c").value, match.value("c").sources))
    if isinstance(total, Declined):
        return total
    scaled = NewNode(
        name=match.nodes["scaled"].name, op="Mul", inputs=(match.tensors["x"], match.tensors["b"]), attrs=_typed(match)
    )
    return Replacement(root=_node(match, "AddV2", scaled, total, match.root.name))


Named = tuple[str, Array, tuple[str, ...]]
"""A constant: the name wanted, the value, the variables that it is made of."""


def _combined(match: Match, of: np.ufunc, first: str, second: str) -> Named | Declined:
    a, b = match.value(first), match.value(second)
    for addition in (node for node in match.nodes.values() if node.op == "BiasAdd"):
        if reason := other_axis(addition):
            return Declined(reason=reason)
    return _fit(of, (match.tensors[first], a.value, a.sources), (match.tensors[second], b.value, b.sources))


def _fit(of: np.ufunc, a: Named, b: Named) -> Named | Declined:
    (name, left, _), (_, right, _) = a, b
    if left.dtype.kind != "f" or right.dtype != left.dtype:
        return Declined(reason="the constants aren't floating")
    try:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            result = narrowed(of(wide(left), wide(right)), left.dtype)
    except ValueError:
        return Declined(reason=f"the constants' shapes {left.shape} and {right.shape} don't fit one another")
    if result.size > max(left.size, right.size):
        return Declined(reason=f"of shapes {left.shape} and {right.shape} a larger constant would be made")
    for value in (left, right):
        if wide(value).all() and (reason := out_of_range(value, result)):
            return Declined(reason=reason)
    if not np.isfinite(wide(result)).all():
        return Declined(reason="the constants together aren't finite")
    return name, result, made_of(*(Constant(value=value, sources=sources) for _, value, sources in (a, b)))


def _node(match: Match, op_name: str, x: Source, made: Named, name: str) -> NewNode:
    return NewNode(name=name, op=op_name, inputs=(x, new_constant(*made)), attrs=_typed(match))


def _typed(match: Match) -> dict[str, AttrValue]:
    return {"T": match.root.attrs["T"]}


_X = any_tensor("x")
_WHERE = "no larger constant is made"
_SHIFTED = op("Add|AddV2", _X, constant("a"), name="inner", either_order=True)
"""No BiasAdd: that one is fused."""


def _rule(name: str, equation: str, pattern: OpPattern, rewrite: Callable[[Match], Replacement | Declined]) -> Rule:
    return Rule(name=name, equation=equation, pattern=pattern, rewrite=rewrite, where=_WHERE)


RULES = (
    _rule(
        "merge_affine_scales", "(x * a) * b -> x * ab", times(times(_X, "a", name="inner"), "b", name="outer"), _scales
    ),
    _rule("merge_affine_shifts", "(x + a) + b -> x + (a + b)", plus(_SHIFTED, "b", name="outer"), _shifts),
    _rule(
        "merge_affine_scale_again",
        "(x * s + t) * c -> x * sc + tc",
        times(plus(times(_X, "s", name="scaled"), "t", name="shifted"), "c", name="outer"),
        _scale_again,
    ),
    _rule(
        "merge_affine_shift_again",
        "(x + a) * b + c -> x * b + (ab + c)",
        plus(times(plus(_X, "a", name="shifted"), "b", name="scaled"), "c", name="outer"),
        _shift_again,
    ),
)
