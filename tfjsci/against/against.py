"""One model held against its base: what differs, and its artifacts timed in turns with the base's in one browser.

Nothing here fails a model: what can't be said is a reason in the result.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.against.base import Base, BaseModel, NewModelError, why_not_the_bases_files
from tfjsci.against.numbers import Answers, numbers_change
from tfjsci.against.worktree import NoBaseError
from tfjsci.artifact.artifact import Artifact
from tfjsci.baseline.change import TimeChange, identical, incomparable, time_change, why_not_raced
from tfjsci.baseline.comparison import BaselineComparison
from tfjsci.baseline.difference import difference
from tfjsci.baseline.numbers import NumbersChange
from tfjsci.browser.protocol import CustomScript
from tfjsci.catalog.catalog import Catalog
from tfjsci.compare.comparison import Comparison
from tfjsci.dtypes import Backend
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.plan import StageName, baseline_steps_of
from tfjsci.progress import Progress
from tfjsci.sessions import Sessions
from tfjsci.steps import failure_message

log = logging.getLogger("tfjsci")


@dataclass(frozen=True, kw_only=True)
class Head:
    """What this run found out about the model. ``timed``: one call's inputs, None where nothing is to be timed.

    ``catalog`` and ``scripts`` are this run's own, for the base as well: a base's scripts are a stranger's.
    """

    artifacts: tuple[Artifact, ...]
    comparisons: tuple[Comparison, ...]
    timed: Mapping[str, npt.NDArray[np.generic]] | None
    catalog: Catalog | None = None
    scripts: tuple[CustomScript, ...] = ()
    answers: Answers | None = None
    """What the artifacts gave on one backend, None where they weren't compared."""


def hold_against(
    base: Base, spec: ModelSpec, head: Head, *, stages: Sequence[StageName], sessions: Sessions, progress: Progress
) -> BaselineComparison:
    """The model's artifacts against the base's of the same name. ``stages``: as the run's plan has them."""
    planned = baseline_steps_of(spec, stages)
    if base.unclear is not None:
        progress.skip(planned)
        return BaselineComparison(origin=base.origin, unclear=base.unclear)
    found: BaseModel | None = None
    pairs: list[_Pair] = []
    unclear = ""
    with progress.step(spec.name, "get the base's model") as step:
        try:
            found = base.model(spec, [each.variant for each in head.artifacts], head.catalog)
            pairs = _pairs(found, spec, head)
            step.detail = ", ".join(each.variant for each in found.artifacts)
        except NewModelError as error:
            step.detail = str(error)
        except Exception as error:  # noqa: BLE001  # a base that can't be had is told; the model's own verdict stands
            step.detail = unclear = _reason(error)
        # inside of the step, so that its line already has the right total
        progress.skip(planned - 1 - sum(pair.known is None for pair in pairs))
    if unclear:
        return BaselineComparison(origin=base.origin, unclear=unclear)
    if found is None:
        new = tuple(difference(None, each) for each in head.artifacts)
        return BaselineComparison(origin=base.origin, variants=new)
    before = {each.variant: each for each in found.artifacts}
    return BaselineComparison(
        origin=base.origin,
        variants=tuple(
            difference(
                before.get(each.variant),
                each,
                base_comparisons=found.comparisons,
                head_comparisons=head.comparisons,
            )
            for each in head.artifacts
        ),
        times=tuple(pair.known or _race(pair, spec, head, sessions, progress) for pair in pairs),
        numbers=_numbers(found, spec, head, sessions),
        notes=found.notes,
    )


def _numbers(base: BaseModel, spec: ModelSpec, head: Head, sessions: Sessions) -> tuple[NumbersChange, ...]:
    """How far the outputs of each changed variant are from the base's."""
    answers = head.answers
    if answers is None:
        return ()

    def change(artifact: Artifact) -> NumbersChange | None:
        try:
            return numbers_change(base, artifact, answers, spec=spec, sessions=sessions, scripts=head.scripts)
        except Exception as error:  # noqa: BLE001  # as above
            return NumbersChange(variant=artifact.variant, backend=answers.backend, reason=_reason(error))

    return tuple(found for each in head.artifacts if (found := change(each)) is not None)


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """A variant's two artifacts on one backend; ``known`` is the answer where no race is needed for it."""

    backend: Backend
    base: Artifact
    head: Artifact
    known: TimeChange | None


def _pairs(base: BaseModel, spec: ModelSpec, head: Head) -> list[_Pair]:
    """One for each variant that both have, on each backend; none where nothing is to be timed."""
    if head.timed is None or spec.benchmark is None:
        return []
    before = {each.variant: each for each in base.artifacts}
    runs = spec.benchmark.runs
    return [
        _Pair(backend=backend, base=before[each.variant], head=each, known=_known(base, backend, each, runs))
        for backend in spec.backends
        for each in head.artifacts
        if each.variant in before
    ]


def _known(base: BaseModel, backend: Backend, head: Artifact, runs: int) -> TimeChange | None:
    (before,) = (each for each in base.artifacts if each.variant == head.variant)
    if before.sha256 == head.sha256:
        return identical(head.variant, backend)
    reason = (
        base.cant_run
        or why_not_raced(base=before.inputs, head=head.inputs, runs=runs)
        or why_not_the_bases_files(before)
    )
    return incomparable(head.variant, backend, reason) if reason else None


def _race(pair: _Pair, spec: ModelSpec, head: Head, sessions: Sessions, progress: Progress) -> TimeChange:
    assert spec.benchmark is not None
    assert head.timed is not None
    variant, backend = pair.head.variant, pair.backend
    with progress.step(spec.name, f"race {variant} with the base on {backend}") as step:
        try:
            first, second = sessions.get(spec.tfjs, backend).race(
                [pair.base.path, pair.head.path],
                backend,
                head.timed,
                warmup=spec.benchmark.warmup,
                runs=spec.benchmark.runs,
                deadline_seconds=2 * spec.deadline_seconds,  # two models in one job
                scripts=head.scripts,
            )
            change = time_change(
                variant=variant,
                backend=backend,
                base_ms=first.steady_ms,
                head_ms=second.steady_ms,
                environment=second.environment,
            )
        except Exception as error:  # noqa: BLE001  # as above
            change = incomparable(variant, backend, _reason(error))
        step.detail = change.verdict if change.ratio is None else f"{change.ratio:.2f} ×, {change.verdict}"
    return change


def _reason(error: Exception) -> str:
    if isinstance(error, NoBaseError):
        return str(error)
    log.warning("the base: %s", "".join(traceback.format_exception(error)))
    return failure_message(error).strip().splitlines()[0]
