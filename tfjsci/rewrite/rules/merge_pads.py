"""Pad(Pad(x, p), q)  ->  Pad(x, p + q)

where both pad with the same number.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import made_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """One Pad, of both paddings together."""
    inner, outer = match.nodes["inner"], match.root
    p, q = match.value("p"), match.value("q")
    if p.value.shape != q.value.shape:
        return Declined(reason=f"the paddings have shapes {p.value.shape} and {q.value.shape}")
    numbers = [_number(match, node.inputs[2:]) for node in (inner, outer)]
    if numbers[0] is None or numbers[0] != numbers[1]:
        return Declined(reason="they pad with other numbers, or such as only the run tells")
    total = (p.value.astype(np.int64) + q.value.astype(np.int64)).astype(q.value.dtype)
    both = NewConst(name=match.tensors["q"], constant=Constant(value=total, sources=made_of(p, q)))
    return Replacement(
        root=NewNode(
            name=outer.name, op=outer.op, inputs=(match.tensors["x"], both, *outer.inputs[2:]), attrs=kept(outer)
        )
    )


def _number(match: Match, inputs: tuple[str, ...]) -> float | None:
    """What is padded with: zero where there is no such input."""
    if not inputs:
        return 0.0
    found = match.graph.constant(inputs[0])
    return None if found is None or found.value.dtype.kind not in "fiu" else float(found.value.reshape(-1)[0].item())


RULE = Rule(
    name="merge_pads",
    equation="Pad(Pad(x, p), q) -> Pad(x, p + q)",
    pattern=op(
        "Pad|PadV2",
        op("Pad|PadV2", any_tensor("x"), constant("p"), name="inner"),
        constant("q"),
        name="outer",
    ),
    rewrite=rewrite,
    where="both pad with the same number",
)
