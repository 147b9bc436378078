"""Two loops that are alike as one: what the rewrite is called, and what is done around it. How is in ``control/together.py``."""

from __future__ import annotations

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.control.together import with_loops_together
from tfjsci.rewrite.control.types import with_types
from tfjsci.rewrite.engine import Refusal
from tfjsci.rewrite.stage import Done, Means, Whole

NAME = "loops_together"


def _change(graph: Graph, means: Means) -> Done:
    if NAME in means.without or not graph.functions:
        return graph, 0, ()
    together, count, declined = with_loops_together(graph, lambda changed: with_types(changed, means.infer))
    refusals = tuple(Refusal(rule=NAME, node=node, reason=reason) for node, reason in declined.items())
    return together, count, refusals


LOOPS_TOGETHER = Whole(
    name=NAME,
    equation="for t: a = f(a, x[t]); for t: b = f(b, y[t]) -> for t: c = f(c, z[t]), c = [a, b], z = [x, y]",
    change=_change,
)
