"""Of the pairs of a run that miss a limit: where they come apart, within a time limit for the whole model.

What quantising cost is in the weights, which are the same on every backend: one backend is asked about a variant. A conversion
that is wrong on one backend may be wrong on another for another reason: each is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfjsci.browser.protocol import CustomScript, Session
from tfjsci.compare.comparison import Comparison
from tfjsci.graph.graph import Array, Graph
from tfjsci.localize.localization import Localization
from tfjsci.localize.pairs import Where, held_to, limit_for, localize_conversion, localize_quantized, worst_call
from tfjsci.localize.walk import Bounds
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.signature import TensorSpec
from tfjsci.verdict.fidelity import judge_fidelity
from tfjsci.verdict.judgement import Judgement
from tfjsci.verdict.tolerances import CONVERSION, UINT8

SECONDS = 180.0
"""Of one model: what looking for culprits may take before no further search is begun; one that has begun has its own bounds."""

Outputs = Sequence[Mapping[str, Array]]


@dataclass(kw_only=True)
class Culprits:
    """The searches of one model. ``graph`` is the one that the artifacts were written of, ``inputs`` its signature's."""

    spec: ModelSpec
    graph: Graph
    inputs: Sequence[TensorSpec]
    samples: Outputs
    random_inputs: bool
    scripts: Sequence[CustomScript] = ()
    clock: Callable[[], float] = time.monotonic
    found: list[Localization] = field(default_factory=list)
    spent_seconds: float = 0.0

    def look(
        self,
        comparison: Comparison,
        folder: Path,
        float_folder: Path,
        *,
        wanted: Outputs,
        have: Outputs,
        session: Callable[[], Session],
    ) -> Localization | None:
        """Look into a comparison of the artifact in ``folder``, if it misses a limit: ``have`` against ``wanted``."""
        judged = list(judge_fidelity(self.spec, comparison, self.random_inputs))
        if not self._is_due(comparison, judged):
            return None
        start = self.clock()
        n = worst_call(wanted, have)
        where = Where(
            session=session(),
            backend=comparison.environment.backend,
            call=self.samples[n],
            inputs=self.inputs,
            deadline_seconds=self.spec.deadline_seconds,
            scripts=self.scripts,
            bounds=Bounds(seconds=min(60.0, SECONDS - self.spent_seconds)),
            clock=self.clock,
        )
        asked = _limit(comparison, judged)
        limit = limit_for(asked, wanted[n], have[n])
        if comparison.kind == "conversion":
            found = localize_conversion(self.graph, folder, variant=comparison.variant, limit_db=limit, where=where)
        else:
            found = localize_quantized(
                self.graph, float_folder, folder, variant=comparison.variant, limit_db=limit, where=where
            )
        self.spent_seconds += self.clock() - start
        found = held_to(found, asked)
        self.found.append(found)
        return found

    def _is_due(self, comparison: Comparison, judged: Sequence[Judgement]) -> bool:
        if self.spent_seconds >= SECONDS or not any(each.outcome == "fail" for each in judged):
            return False
        if comparison.kind == "conversion":
            return True
        return comparison.kind == "quantized" and all(each.variant != comparison.variant for each in self.found)


def _limit(comparison: Comparison, judged: Sequence[Judgement]) -> float:
    """The limit of the SQNR: the one that was held, or the built-in one of its kind where none was."""
    held = [each.limit for each in judged if each.gate == "sqnr_db" and each.unit == "dB" and each.limit is not None]
    built_in = CONVERSION if comparison.kind == "conversion" else UINT8
    return max(held, default=built_in.sqnr_db.error)
