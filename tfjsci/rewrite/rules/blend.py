"""z · a + (1 − z) · b  ->  b + z · (a − b)

where b is a Tanh's or a Sigmoid's: a GRU's new state, with a kernel less. Both are at most 1, so the difference leaves of a what
the sum left. Of −1e9, as a mask has it there, it would leave nothing.
"""

from __future__ import annotations

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op, ops_in
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule

BOUNDED = "Tanh|Sigmoid"


def rewrite(match: Match) -> Replacement | Declined:
    """A difference, a product and the sum."""
    root, one = match.root, match.value("one").value
    z, a, b = (match.tensors[name] for name in "zab")
    if one.size != 1 or one.ndim > 0 or float(one) != 1:
        return Declined(reason="the two shares aren't 1 together")
    if match.graph[node_of(b)].op not in ops_in(BOUNDED):
        return Declined(reason="what has the rest of the share may be so large that nothing is left of the other")
    dtype = {"T": root.attrs["T"]}
    apart = NewNode(name=f"{root.name}/sub", op="Sub", inputs=(a, b), attrs=dtype)
    share = NewNode(name=f"{root.name}/mul", op="Mul", inputs=(z, apart), attrs=dtype)
    return Replacement(root=NewNode(name=root.name, op=root.op, inputs=(b, share), attrs=dtype))


RULE = Rule(
    name="blend",
    equation="z * a + (1 - z) * b -> b + z * (a - b)",
    pattern=op(
        "AddV2|Add",
        op("Mul", any_tensor("z"), any_tensor("a"), name="first", either_order=True),
        op(
            "Mul",
            op("Sub", constant("one"), any_tensor("z"), name="left"),
            any_tensor("b"),
            name="second",
            either_order=True,
        ),
        name="sum",
        either_order=True,
    ),
    rewrite=rewrite,
    where="b is a Tanh's or a Sigmoid's",
)
