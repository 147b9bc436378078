"""Bincount(Select(m, v, x), n)  ->  Bincount(Select(m, n, x), n), where v > n

Counts leave out whatever is n or more. Keras masks what isn't to be counted with the largest int64, which the runtime can't hold.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The first number that isn't counted takes the place of the one that is too large."""
    value, count = match.value("value").value, match.value("count").value
    if value.dtype.kind not in "iu" or value.size != 1 or count.size != 1:
        return Declined(reason="they aren't single whole numbers")
    if int(value.reshape(-1)[0]) <= int(count.reshape(-1)[0]):
        return Declined(reason="the number is counted, or is the first that isn't")
    select = match.nodes["select"]
    first_left_out = Constant(value=count.astype(value.dtype).reshape(value.shape))
    chosen = NewNode(
        name=select.name,
        op=select.op,
        inputs=(select.inputs[0], NewConst(name=match.tensors["value"], constant=first_left_out), select.inputs[2]),
        attrs=kept(select),
    )
    inputs = tuple(chosen if tensor == select.name else tensor for tensor in match.root.inputs)
    return Replacement(root=NewNode(name=match.root.name, op=match.root.op, inputs=inputs, attrs=kept(match.root)))


def _rule(name: str, pattern: OpPattern) -> Rule:
    return Rule(
        name=name,
        equation="Bincount(Select(m, v, x), n) -> Bincount(Select(m, n, x), n), where v > n",
        pattern=pattern,
        rewrite=rewrite,
    )


_NUMBERS = op("SelectV2", any_tensor("masked"), constant("value"), any_tensor("x"), name="select")
_COUNT, _WEIGHTS = constant("count"), any_tensor("weights")

RULES = (
    _rule("beyond_count", op("Bincount|DenseBincount", _NUMBERS, _COUNT, _WEIGHTS, name="counted")),
    _rule(
        "beyond_count_of_rows", op("RaggedBincount", any_tensor("splits"), _NUMBERS, _COUNT, _WEIGHTS, name="counted")
    ),
    _rule(
        "beyond_count_of_entries",
        op("SparseBincount", any_tensor("at"), _NUMBERS, any_tensor("shape"), _COUNT, _WEIGHTS, name="counted"),
    ),
)
