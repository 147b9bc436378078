"""x * Rsqrt(v)  ->  x / Sqrt(v)

where v is above 0. On webgl a Rsqrt unpacks what it reads, and what reads it packs it again (``packed.py``); Sqrt and RealDiv
stay packed: two shader runs less for each norm. Elsewhere the multiplication is the faster one of the two, or as fast.
"""

from __future__ import annotations

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule

_LIFTING = frozenset({"AddV2", "Add", "BiasAdd", "Maximum"})


def rewrite(match: Match) -> Replacement | Declined:
    """Sqrt and RealDiv."""
    root, inverse = match.root, match.nodes["inverse"]
    if not _above_zero(match):
        return Declined(reason="what the root is taken of may be 0: nothing above it is added")
    attrs = {"T": root.attrs["T"]}
    square_root = NewNode(name=inverse.name, op="Sqrt", inputs=(match.tensors["v"],), attrs=attrs)
    return Replacement(
        root=NewNode(name=root.name, op="RealDiv", inputs=(match.tensors["x"], square_root), attrs=attrs)
    )


def _above_zero(match: Match) -> bool:
    """Whether a variance and its like, which are 0 at least, get something above it: webgl's 0 / 0 is 1."""
    node = match.graph[node_of(match.tensors["v"])]
    if node.op not in _LIFTING:
        return False
    added = [match.graph.constant(tensor) for tensor in node.inputs]
    return any(each is not None and each.value.size > 0 and each.ends[0] > 0 for each in added)


RULE = Rule(
    name="root_as_division",
    equation="x * Rsqrt(v) -> x / Sqrt(v)",
    pattern=op("Mul", any_tensor("x"), op("Rsqrt", any_tensor("v"), name="inverse"), name="product", either_order=True),
    rewrite=rewrite,
    where="v has an epsilon in it, and webgl alone is wanted",
)
