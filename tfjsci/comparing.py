"""The comparisons of a run, as steps that are shown: each artifact on each backend, against the original or the float one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tfjsci.answered import Answered
from tfjsci.artifact.artifact import Artifact
from tfjsci.browser.protocol import Session
from tfjsci.compare.accuracy import right_classes
from tfjsci.compare.backend_pairs import Ran, backend_pairs
from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.compare.custom import CustomMetric, import_metric, measured_by
from tfjsci.culprits import Culprits
from tfjsci.dtypes import Backend, NarrowFloat
from tfjsci.graph.graph import Array
from tfjsci.inputs.inputs import Inputs
from tfjsci.inputs.labels import Labels
from tfjsci.localize.localization import Localization
from tfjsci.manifest.resolved import FLOAT, ModelSpec
from tfjsci.sessions import Sessions
from tfjsci.steps import Steps

Outputs = Sequence[Mapping[str, Array]]
"""What came of each call: arrays by output name."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was found, nothing at first. ``on_first``: by variant, the outputs on the first backend, where they are to be kept."""

    comparisons: tuple[Comparison, ...] = ()
    backend_pairs: tuple[Comparison, ...] = ()
    localizations: tuple[Localization, ...] = ()
    on_first: Mapping[str, Outputs] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """One model whose ``artifacts`` are written, the float one first.

    ``culprits`` None: nobody looks for them. ``keep_first``: keep the outputs on the first backend. ``narrow``: what the
    original computes in, where that has fewer digits than float32.
    """

    spec: ModelSpec
    inputs: Inputs
    labels: Labels | None
    artifacts: Sequence[Artifact]
    steps: Steps
    sessions: Sessions
    answered: Answered
    culprits: Culprits | None = None
    keep_first: bool = False
    narrow: NarrowFloat | None = None

    def against(self, reference: Outputs | None) -> Compared:
        """All comparisons; ``reference`` is what the original gave, None when it failed, which is told."""
        measures, metrics = self._measures(reference), self._own_metrics()
        comparisons: list[Comparison] = []
        floats: list[Ran] = []
        on_first: dict[str, Outputs] = {}
        for backend in self.spec.backends:
            ran, made = self._on(backend, reference, measures, metrics)
            comparisons += made
            if self.keep_first and backend == self.spec.backends[0]:
                on_first = {variant: each.outputs for variant, each in ran.items()}
            if self.spec.compare.backends is not None and FLOAT in ran:
                floats.append(ran[FLOAT])
        return Compared(
            comparisons=tuple(comparisons),
            backend_pairs=backend_pairs(floats, topk=not self.inputs.random, measures=measures),
            localizations=tuple(self.culprits.found) if self.culprits is not None else (),
            on_first=on_first,
        )

    def _on(
        self, backend: Backend, reference: Outputs | None, measures: Measures, metrics: Sequence[CustomMetric]
    ) -> tuple[dict[str, Ran], list[Comparison]]:
        """What the artifacts gave on one backend, by variant, and the comparisons of it."""
        ran: dict[str, Ran] = {}
        comparisons: list[Comparison] = []
        for artifact in self.artifacts:
            wanted = reference if artifact.variant == FLOAT else ran[FLOAT].outputs if FLOAT in ran else None
            if wanted is None:
                continue  # what it would be compared with failed, and that is told
            with self.steps.browser_step(self.sessions, backend, "compare", artifact.variant) as (step, session):
                ran[artifact.variant] = have = self._run(session, backend, artifact)
                comparison = self._compared(have, wanted, measures, metrics)
                comparisons.append(comparison)
                step.detail = _worst_of(comparison.outputs)
                step.detail += self._culprit(comparison, artifact, wanted, have.outputs, session)
        return ran, comparisons

    def _run(self, session: Callable[[], Session], backend: Backend, artifact: Artifact) -> Ran:
        predictions = self.answered.predictions(session, backend, artifact)
        return Ran(
            variant=artifact.variant,
            outputs=[dict(prediction.outputs) for prediction in predictions],
            environment=predictions[0].environment,
        )

    def _compared(self, have: Ran, wanted: Outputs, measures: Measures, metrics: Sequence[CustomMetric]) -> Comparison:
        """Every output; a metric of the user's that fails is a failure, and the others are measured."""
        is_float = have.variant == FLOAT
        comparison = Comparison(
            kind="conversion" if is_float else "quantized",
            variant=have.variant,
            outputs=compare_outputs(wanted, have.outputs, topk=not self.inputs.random, measures=measures),
            environment=have.environment,
            narrow=self.narrow if is_float else None,
        )
        for metric in metrics:
            with self.steps.unshown("compare", backend=have.environment.backend, variant=have.variant):
                measured = measured_by(metric, comparison.outputs, wanted, have.outputs)
                comparison = replace(comparison, outputs=measured)
        return comparison

    def _culprit(
        self, comparison: Comparison, artifact: Artifact, wanted: Outputs, have: Outputs, session: Callable[[], Session]
    ) -> str:
        """Where to look, as the end of the step's detail; empty unless it was looked for and found."""
        found: Localization | None = None
        if self.culprits is not None:
            with self.steps.unshown("localize", backend=comparison.environment.backend, variant=artifact.variant):
                where, whole = artifact.path, self.artifacts[0].path
                found = self.culprits.look(comparison, where, whole, wanted=wanted, have=have, session=session)
        return f"; look at {found.op} {found.node}" if found and found.node else ""

    def _measures(self, reference: Outputs | None) -> Measures:
        """What is measured; labels that fit no output are a failure, and everything else is measured all the same."""
        measures = Measures.within(self.spec.compare.tolerance)
        if self.labels is not None and reference is not None:
            with self.steps.unshown("labels"):
                measures = replace(measures, right=right_classes(self.labels, reference))
        return measures

    def _own_metrics(self) -> list[CustomMetric]:
        """The user's metrics that can be imported; one that can't is a failure, and the others are measured."""
        metrics: list[CustomMetric] = []
        for each in self.spec.compare.metrics:
            with self.steps.unshown("compare"):
                metrics.append(import_metric(each))
        return metrics


def _worst_of(outputs: Sequence[OutputComparison]) -> str:
    """The step's detail: the worst output's number."""
    problems = [f"{each.output}: {each.problem}" for each in outputs if each.problem]
    problems += [f"{each.output}: no number on either side" for each in outputs if each.nothing_finite]
    if problems:
        return problems[0]
    measured = [each for each in outputs if each.sqnr_db is not None]
    if not measured:
        return "exact" if all(each.exact for each in outputs) else "compared"
    worst_output = min(measured, key=lambda each: each.sqnr_db or 0.0)
    return f"{worst_output.sqnr_db:.1f} dB"
