"""f(BroadcastTo(c, s), x)  ->  f(c, x), and Tile or Fill instead of BroadcastTo

where f works element by element and spreads c over x itself, so that the result has the same shape. What is spread beforehand
is written out and read again: a class token, a mask or zeros of the batch's size.
"""

from __future__ import annotations

from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept
from tfjsci.rewrite.symbolic.asked import Dims
from tfjsci.rewrite.symbolic.dims import spread
from tfjsci.rewrite.symbolic.sizes import sizes_of

F = (
    "Add|AddV2|Sub|Mul|RealDiv|Maximum|Minimum|SquaredDifference|Equal|NotEqual|Greater|GreaterEqual|Less|LessEqual|"
    "LogicalAnd|LogicalOr"
)
"""Which all backends spread themselves."""


def rewrite(match: Match) -> Replacement | Declined:
    """f on what there was before it was spread."""
    graph, root, wide = match.graph, match.root, match.nodes["wide"]
    sizes = sizes_of(graph)
    small = match.tensors["value" if wide.op == "Fill" else "c"]
    before, beside, after = (sizes.shape(t) for t in (small, match.tensors["x"], root.name))
    if before is None or beside is None or after is None:
        return Declined(reason="a shape isn't known")
    if wide.op == "Tile" and not _of_ones(sizes.shape(wide.name), before):
        return Declined(reason="more than dimensions of 1 are repeated")
    if spread(before, beside) != after:
        return Declined(reason="without it, the result isn't known to have the same shape")
    inputs = tuple(small if tensor == wide.name else tensor for tensor in root.inputs)
    return Replacement(root=NewNode(name=root.name, op=root.op, inputs=inputs, attrs=kept(root)))


def _of_ones(after: Dims | None, before: Dims) -> bool:
    return after is not None and all(a == b or b == 1 for a, b in zip(after, before, strict=True))


def _rule(name: str, equation: str, wide: str, *small: str) -> Rule:
    first, second = (any_tensor(part) for part in small)
    return Rule(
        name=name,
        equation=equation,
        pattern=op(F, op(wide, first, second, name="wide"), any_tensor("x"), name="f", either_order=True),
        rewrite=rewrite,
        where="f spreads c itself, to the same shape",
    )


RULE = _rule("spread_by_op", "f(BroadcastTo(c, s), x) -> f(c, x)", "BroadcastTo|Tile", "c", "dims")
FILLED = _rule("spread_by_op_filled", "f(Fill(s, c), x) -> f(c, x)", "Fill", "dims", "value")

RULES = (RULE, FILLED)
