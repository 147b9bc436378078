"""What is found out about one model while its stages run; it becomes a ``ModelResult`` at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tfjsci.answered import Answered
from tfjsci.artifact.artifact import Artifact
from tfjsci.baseline.comparison import BaselineComparison
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.browser.protocol import CustomScript
from tfjsci.comparing import Compared
from tfjsci.converter import Converted
from tfjsci.inputs.inputs import Inputs
from tfjsci.inputs.labels import Labels
from tfjsci.inputs.summary import Basis
from tfjsci.listed import listed
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.results.run_result import ModelResult, StageDuration
from tfjsci.search.found import SearchFound
from tfjsci.steps import Ledger
from tfjsci.verdict import Judgement, outcome_of
from tfjsci.verify.verification import Verification

_MOST_VARIANTS = 8
"""Variants that are named of one note."""


@dataclass
class Facts:
    """Each is there once its stage is done; what failed is in the ``ledger``."""

    converted: Converted | None = None
    scripts: tuple[CustomScript, ...] = ()
    inputs: Inputs | None = None
    answered: Answered | None = None
    labels: Labels | None = None
    verification: Verification | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    compared: Compared = field(default_factory=Compared)
    searches: list[SearchFound] = field(default_factory=list)
    benchmarks: list[Benchmark] = field(default_factory=list)
    baseline: BaselineComparison | None = None
    notes: list[str] = field(default_factory=list)
    variant_notes: dict[str, list[str]] = field(default_factory=dict)
    """What is to be told of variants, each with the variants that it is true of."""
    ledger: Ledger = field(default_factory=Ledger)

    def note(self, variant: str, notes: Iterable[str]) -> None:
        """Keep what is to be told of a variant."""
        for each in notes:
            self.variant_notes.setdefault(each, []).append(variant)

    def result(self, spec: ModelSpec, judgements: Sequence[Judgement]) -> ModelResult:
        """All of it, with what was judged of it."""
        converted = self.converted
        return ModelResult(
            name=spec.name,
            source=spec.source_text,
            line=spec.line,
            format=converted.loaded.format if converted else None,
            signature=converted.loaded.signature if converted else None,
            outcome=outcome_of(judgements, self.ledger.failures),
            inputs=self.inputs.summaries if self.inputs else (),
            basis=self._basis,
            artifacts=tuple(self.artifacts),
            op_check=converted.check if converted else None,
            comparisons=self.compared.comparisons,
            backend_pairs=self.compared.backend_pairs,
            benchmarks=tuple(self.benchmarks),
            judgements=tuple(judgements),
            localizations=self.compared.localizations,
            failures=tuple(self.ledger.failures),
            durations=tuple(
                StageDuration(stage=stage, seconds=round(s, 3)) for stage, s in self.ledger.seconds.items()
            ),
            baseline=self.baseline,
            verification=self.verification,
            searches=tuple(self.searches),
            notes=(
                *(converted.notes if converted else ()),
                *self.notes,
                *(f"{listed(variants, _MOST_VARIANTS)}: {note}" for note, variants in self.variant_notes.items()),
                *(self.inputs.notes if self.inputs else ()),
            ),
        )

    @property
    def _basis(self) -> Basis | None:
        if self.inputs is None:
            return None
        return replace(self.inputs.basis, labels=self.labels.values.size if self.labels else 0)
