"""The graph as it was loaded, run once: what the graph after any stage of rewriting is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from tfjsci.graph.graph import Array, Graph
from tfjsci.rewrite.fold_constants import Evaluator, NotComputable
from tfjsci.verify.agreement import Agreement, agreement
from tfjsci.verify.noise import coarsest_float, rests_on_floats, with_noise
from tfjsci.verify.run import run_graph

NOISE_TIMES = 10.0
"""Rewriting may change an output by this much more than an error in the last bit of each weight and input does: a rule rounds
a weight a few times, and sums are added up in another order."""

DRAWS = 3
"""The noise is the most that so many draws make: of a few weights, the errors of one may cancel."""


class Original:
    """``inputs`` are values by Placeholder; ``names`` are those of the outputs, for messages."""

    def __init__(self, graph: Graph, *, inputs: Mapping[str, Array], names: Sequence[str], evaluate: Evaluator) -> None:
        """Runs it. Raises ``NotComputable``."""
        self._graph = graph
        self._inputs = inputs
        self._names = names
        self._evaluate = evaluate
        self._values = run_graph(graph, inputs, evaluate)

    def against(self, graph: Graph) -> tuple[Agreement, ...]:
        """Each output of ``graph`` against this one's, what is no more than float noise left out. Raises ``NotComputable``."""
        found = self._held_against(run_graph(graph, self._inputs, self._evaluate))
        if not any(each.why for each in found):
            return found
        return tuple(_excused(each, [draw[i] for draw in self._noise]) for i, each in enumerate(found))

    def noise_db(self) -> float | None:
        """The lowest SQNR of an output, in dB, where each weight and input is off by its last bit; None: nothing changes."""
        known = [each.sqnr_db for draw in self._noise for each in draw if each.sqnr_db is not None]
        return min(known, default=None)

    def _held_against(self, values: Sequence[Array]) -> tuple[Agreement, ...]:
        coarsest = coarsest_float(self._graph)
        return tuple(
            agreement(name, before, after, coarsest=coarsest, ties=rests_on_floats(self._graph, tensor))
            for name, tensor, before, after in zip(self._names, self._graph.outputs, self._values, values, strict=True)
        )

    @cached_property
    def _noise(self) -> list[tuple[Agreement, ...]]:
        draws = []
        for seed in range(DRAWS):
            graph, inputs = with_noise(self._graph, self._inputs, seed=seed)
            with suppress(NotComputable):  # one that can't be run excuses nothing
                draws.append(self._held_against(run_graph(graph, inputs, self._evaluate)))
        return draws


def _excused(found: Agreement, draws: Sequence[Agreement]) -> Agreement:
    noise = max((each.error for each in draws if each.error is not None), default=0.0)
    if found.error is None or found.error > NOISE_TIMES * noise:
        return found
    return Agreement(output=found.output, sqnr_db=found.sqnr_db, error=found.error)
