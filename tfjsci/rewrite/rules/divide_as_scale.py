"""x / c  ->  x * (1 / c);   x - c  ->  x + (-c)

for constants, so that the folding rules need to know two ops only. A reciprocal is one rounding more, the last bit, so the
division is rewritten only beside something that may take the factor in.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, node_of
from tfjsci.rewrite.affine import ADDITIONS
from tfjsci.rewrite.channels import WEIGHTED, narrowed, smallest_normal, wide
from tfjsci.rewrite.passing import SCALE_PASSES, only_reader
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op, ops_in
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule

_TAKES = ops_in(f"{WEIGHTED}|{ADDITIONS}|Mul|Sub|RealDiv") | SCALE_PASSES


def rewrite(match: Match) -> Replacement | Declined:
    """A Mul by the reciprocal, or an AddV2 of the negative."""
    root, given = match.root, match.value("c")
    if given.value.dtype.kind != "f":
        return Declined(reason=f"the constant is {given.value.dtype.name}, not floating")
    if root.op == "Sub":
        value, op_name = narrowed(-wide(given.value), given.value.dtype), "AddV2"
    else:
        if not _may_be_taken(match):
            return Declined(reason="nothing beside it could take the factor in")
        with np.errstate(divide="ignore"):
            value, op_name = narrowed(1 / wide(given.value), given.value.dtype), "Mul"
        size = np.abs(wide(value))
        if not np.isfinite(size).all() or (size < smallest_normal(value.dtype)).any():
            return Declined(reason="a divisor has no reciprocal: it is zero, not finite or too large")
    new = NewConst(name=match.tensors["c"], constant=Constant(value=np.array(value), sources=given.sources))
    return Replacement(
        root=NewNode(name=root.name, op=op_name, inputs=(match.tensors["x"], new), attrs={"T": root.attrs["T"]})
    )


def _may_be_taken(match: Match) -> bool:
    reader = only_reader(match.graph, match.root.name)
    made_by = match.graph[node_of(match.tensors["x"])].op
    return made_by in _TAKES or (reader is not None and reader.op in _TAKES)


RULE = Rule(
    name="divide_as_scale",
    equation="x / c -> x * (1 / c); x - c -> x + (-c)",
    pattern=op("RealDiv|Sub", any_tensor("x"), constant("c"), name="root"),
    rewrite=rewrite,
    where="a layer beside it may take the factor in",
)
