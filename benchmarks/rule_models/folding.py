"""Scales and shifts folded into weights."""

from __future__ import annotations

from graph_draft import Draft, weights
from rule_costs import Case, repeated


def scaled_convolutions(draft: Draft) -> str:
    """Six times Conv2D and Mul by one number a channel."""

    def block(x: str, i: int) -> str:
        y = draft.conv(f"conv{i}", x, draft.const(f"w{i}", weights(3, 3, 16, 16, seed=i) / 12))
        return draft.typed("Mul", f"scaled{i}", y, draft.const(f"c{i}", weights(16, seed=i)))

    return repeated(6, block, draft.input("x", (1, 32, 32, 16)))


CASES = (Case(name="six scaled convolutions", rules=("fold_scale",), draw=scaled_convolutions),)
