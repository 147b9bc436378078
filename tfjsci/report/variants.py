"""What is known of one variant of one model: the rows of the overview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tfjsci.artifact.artifact import Artifact
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.browser.protocol import CALL, BackendEnvironment
from tfjsci.compare.comparison import Comparison
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.report.tables import NOTHING, VERDICT, Column, milliseconds
from tfjsci.results.run_result import Failure, ModelResult, RunResult
from tfjsci.units import show_bytes
from tfjsci.verdict import PROBLEM, Judgement, Outcome, worst

SEVERITY: tuple[Outcome, ...] = ("fail", "warn", "pass")

NOT_JUDGED = "not judged"

SOFTWARE = "software"
"""The word beside every time that a software renderer took."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One row. A model that has no variants, as it couldn't be converted, has one row without a variant."""

    model: ModelResult
    name: str | None
    artifact: Artifact | None
    comparisons: tuple[Comparison, ...]
    benchmarks: tuple[Benchmark, ...]
    judgements: tuple[Judgement, ...]
    failures: tuple[Failure, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst that was found."""
        if self.name is None:
            return self.model.outcome
        return "fail" if self.failures else worst(each.outcome for each in self.judgements)

    @property
    def judged(self) -> bool:
        """Whether anything was held against anything: a pass of nothing isn't one."""
        return bool(self.judgements or self.failures or self.outcome != "pass")

    def on(self, backend: Backend) -> Outcome | None:
        """What was found on one backend, or None: nothing was tried there."""
        judged = [each.outcome for each in self.judgements if each.backend == backend]
        if any(each.backend == backend for each in self.failures) or backend in _unsupported(self.model):
            return "fail"
        tried = judged or any(each.environment.backend == backend for each in self.comparisons) or self.time(backend)
        return worst(judged) if tried else None

    def time(self, backend: Backend) -> Benchmark | None:
        """The benchmark on one backend."""
        return next((each for each in self.benchmarks if each.timing.environment.backend == backend), None)


def ranked(run: RunResult) -> list[ModelResult]:
    """What couldn't be done first, then what missed a gate, then what warns, then the rest; each as the manifest has them."""
    return sorted(run.models, key=lambda model: (SEVERITY.index(model.outcome), not model.failures))


def variants(model: ModelResult) -> list[Variant]:
    """A model's rows, in the order in which its variants were made."""
    named = [
        *(each.variant for each in model.artifacts),
        *(each.variant for each in model.comparisons),
        *(each.variant for each in model.benchmarks),
        *(each.variant for each in model.judgements),
        *(each.variant for each in model.failures),
    ]
    names = dict.fromkeys(name for name in named if name is not None)
    return [
        Variant(
            model=model,
            name=name,
            artifact=next((each for each in model.artifacts if each.variant == name), None),
            comparisons=tuple(each for each in model.comparisons if each.variant == name),
            benchmarks=tuple(each for each in model.benchmarks if each.variant == name),
            judgements=tuple(each for each in model.judgements if each.variant == name),
            failures=tuple(each for each in model.failures if each.variant in (name, None)),
        )
        for name in (list[str | None](names) or [None])
    ]


def environments(run: RunResult) -> list[BackendEnvironment]:
    """Each environment once, by backend, without how a model was called in it."""
    found = [_without_the_call(each) for model in run.models for each in _environments(model)]
    unique = [each for n, each in enumerate(found) if each not in found[:n]]
    return sorted(unique, key=lambda each: BACKENDS.index(each.backend))


def called_asynchronously(run: RunResult) -> list[str]:
    """The models that ``executeAsync`` was needed for."""
    return [model.name for model in ranked(run) if any(CALL in each.flags for each in _environments(model))]


def _without_the_call(environment: BackendEnvironment) -> BackendEnvironment:
    return replace(environment, flags={name: value for name, value in environment.flags.items() if name != CALL})


def backends(run: RunResult) -> list[Backend]:
    """The backends that the run has anything to tell about."""
    told = {each.backend for each in environments(run)}
    for model in run.models:
        told |= _unsupported(model) | {each.backend for each in model.failures if each.backend in BACKENDS}
    return [backend for backend in BACKENDS if backend in told]


def overview(run: RunResult) -> list[Column[Variant]]:
    """The columns of models × backends. A backend that is software throughout says so once, in its title."""
    columns: list[Column[Variant]] = [
        Column(title="Verdict", cell=lambda row: VERDICT[row.outcome] if row.judged else NOT_JUDGED, verdict=True),
        Column(title="Model", cell=lambda row: row.model.name, name=True),
        Column(title="Variant", cell=lambda row: row.name or NOTHING, name=True),
        Column(title="Size", cell=lambda row: _bytes(row, "raw_bytes"), align="right"),
        Column(title="brotli", cell=lambda row: _bytes(row, "brotli_bytes"), align="right"),
        Column(title="Worst SQNR", cell=worst_sqnr, align="right"),
    ]
    if any(accuracy(row) != NOTHING for model in run.models for row in variants(model)):
        columns.append(Column(title="Accuracy", cell=accuracy, align="right"))
    known = environments(run)
    for backend in backends(run):
        software = {each.software for each in known if each.backend == backend}
        columns.append(_backend_column(backend, titled=software == {True}))
    return columns


def worst_sqnr(row: Variant) -> str:
    """The lowest SQNR over all outputs and backends: low is bad."""
    outputs = [output for comparison in row.comparisons for output in comparison.outputs]
    numbers = [output.sqnr_db for output in outputs if output.sqnr_db is not None]
    if any(each.gate == PROBLEM for each in row.judgements) or any(output.nothing_finite for output in outputs):
        return "no number"
    if numbers:
        return f"{min(numbers):.3g} dB"
    return "exact" if outputs and all(output.exact for output in outputs) else NOTHING


def accuracy(row: Variant) -> str:
    """The share of labels that are met, on the backend that meets the fewest."""
    outputs = [output for comparison in row.comparisons for output in comparison.outputs]
    met = [output.accuracy for output in outputs if output.accuracy is not None]
    return f"{min(met):.3g}" if met else NOTHING


def place(environment: BackendEnvironment) -> str:
    """``webgl (software)``, ``wasm``."""
    return f"{environment.backend} ({SOFTWARE})" if environment.software else environment.backend


def _backend_column(backend: Backend, *, titled: bool) -> Column[Variant]:
    def cell(row: Variant) -> str:
        outcome, benchmark = row.on(backend), row.time(backend)
        if outcome is None:
            return NOTHING
        parts = [VERDICT[outcome]]
        if benchmark is not None:
            parts.append(milliseconds(benchmark.steady.median_ms))
            if benchmark.timing.environment.software and not titled:
                parts.append(SOFTWARE)
        return " · ".join(parts)

    return Column(title=f"{backend} ({SOFTWARE})" if titled else backend, cell=cell, verdict=True)


def _environments(model: ModelResult) -> Iterator[BackendEnvironment]:
    yield from (each.environment for each in model.comparisons)
    yield from (each.timing.environment for each in model.benchmarks)


def _unsupported(model: ModelResult) -> set[Backend]:
    return {backend for each in (model.op_check.unsupported if model.op_check else ()) for backend in each.backends}


def _bytes(row: Variant, field: str) -> str:
    return show_bytes(getattr(row.artifact.download, field)) if row.artifact else NOTHING
