"""``quantize: auto`` in a run: the search as steps that are shown, and the browser's word on what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tfjsci.answered import Answered
from tfjsci.artifact.artifact import Artifact
from tfjsci.browser.protocol import Session
from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.converter import Converted
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Array
from tfjsci.inputs.inputs import Inputs
from tfjsci.manifest.resolved import ModelSpec, QuantizeSpec
from tfjsci.progress import Progress
from tfjsci.search.auto import MOST_STEPS_BACK, Auto, begin
from tfjsci.search.goal import goal_of
from tfjsci.sessions import Sessions
from tfjsci.steps import Steps

Write = Callable[[Auto], Artifact | None]
"""Writes what a search has chosen; None when that failed, which is told."""


@dataclass(frozen=True, kw_only=True)
class Searching:
    """One model whose float artifact is written. ``sessions`` None: nothing is run in a browser."""

    spec: ModelSpec
    converted: Converted
    inputs: Inputs
    whole: Artifact
    steps: Steps
    progress: Progress
    sessions: Sessions | None
    answered: Answered

    def variant(self, wanted: QuantizeSpec, write: Write) -> Auto | None:
        """Search, write, and hold what is written against the float artifact in the browser; what it misses there is searched
        again with less noise, a few times. None when nothing was found, which is told."""
        auto = self._search(wanted)
        if auto is None:
            return None
        artifact = write(auto)
        while artifact and self.sessions and auto.steps_back < MOST_STEPS_BACK:
            misses = self._misses(auto, artifact, self.sessions)
            if not misses:
                break
            self.progress.begin(2 + len(self.spec.backends))
            back: Auto | None = None
            with self.steps.step("quantize", f"{auto.variant}: a step back", variant=auto.variant) as step:
                back = auto.step_back()
                step.detail = misses[0]
            if back is None:
                break
            auto = back
            artifact = write(auto)
        return auto

    def _search(self, wanted: QuantizeSpec) -> Auto | None:
        """The steps in TensorFlow."""
        assert wanted.auto is not None
        name = wanted.name
        begun: Auto | None = None
        with self.steps.step("quantize", f"{name}: each weight in each scheme", variant=name) as step:
            begun = begin(
                self.converted,
                self.inputs.samples,
                variant=name,
                wanted=wanted.auto,
                include=wanted.include,
                exclude=wanted.exclude,
                goal=goal_of(self.spec, name),
                measures=self._measures,
                topk=not self.inputs.random,
                float_bytes=self.whole.download.brotli_bytes,
                say=step.say,
            )
            step.detail = f"{len(begun.search.weights)} weights"
        if begun is None:
            return None
        measured = False
        with self.steps.step("quantize", f"{name}: run weights alone in TensorFlow", variant=name) as step:
            begun.search.say = step.say
            begun.measure()
            measured = True
            step.detail = f"{begun.search.evaluations} runs"
        chosen: Auto | None = None
        if measured:
            with self.steps.step("quantize", f"{name}: run combinations in TensorFlow", variant=name) as step:
                begun.search.say = step.say
                chosen = begun.choose()
                step.detail = f"{begun.search.evaluations} runs"
        return chosen

    def _misses(self, auto: Auto, artifact: Artifact, sessions: Sessions) -> tuple[str, ...]:
        """What the artifact misses in the browser, on any backend; a backend that can't be run is told, and misses nothing."""
        misses: list[str] = []
        for backend in self.spec.backends:
            with self.steps.browser_step(sessions, backend, "quantize", auto.variant) as (step, session):
                outputs = compare_outputs(
                    self._answers(session, backend, self.whole),
                    self._answers(session, backend, artifact),
                    topk=not self.inputs.random,
                    measures=self._measures,
                )
                found = goal_of(self.spec, auto.variant, [backend]).misses(outputs)
                step.detail = f"missed: {found[0]}" if found else "met"
                misses += [f"on {backend}, {each}" for each in found]
        return tuple(misses)

    def _answers(self, session: Callable[[], Session], backend: Backend, artifact: Artifact) -> list[dict[str, Array]]:
        return [dict(each.outputs) for each in self.answered.predictions(session, backend, artifact, keep=True)]

    @property
    def _measures(self) -> Measures:
        return Measures.within(self.spec.compare.tolerance)
