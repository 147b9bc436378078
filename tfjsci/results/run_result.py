"""The one results object: everything a report needs, numbers and names, no arrays.

Plain frozen dataclasses; ``store`` turns them into versioned JSON and back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tfjsci.artifact.artifact import Artifact
from tfjsci.baseline.comparison import BaselineComparison, DroppedModels
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.catalog.check import OpCheck
from tfjsci.compare.comparison import Comparison
from tfjsci.inputs.summary import Basis, InputSummary
from tfjsci.localize.localization import Localization
from tfjsci.search.found import SearchFound
from tfjsci.verdict import Judgement, Outcome
from tfjsci.verify.verification import Verification

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A stage that couldn't be done. ``code`` is the error's stable name in the catalogue of errors."""

    stage: str
    code: str
    exit_code: int
    message: str
    hint: str | None = None
    backend: str | None = None
    variant: str | None = None


@dataclass(frozen=True, kw_only=True)
class StageDuration:
    """How long a stage of a model took, in seconds."""

    stage: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """All that is known of one model after the run."""

    name: str
    source: str
    line: int
    """Line of the manifest at which the model starts."""
    format: str | None = None
    signature: str | None = None
    outcome: Outcome
    inputs: tuple[InputSummary, ...] = ()
    basis: Basis | None = None
    """What the comparisons' numbers rest on."""
    artifacts: tuple[Artifact, ...] = ()
    op_check: OpCheck | None = None
    comparisons: tuple[Comparison, ...] = ()
    backend_pairs: tuple[Comparison, ...] = ()
    """Float on each backend against float on one of them, where that is asked for."""
    benchmarks: tuple[Benchmark, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    localizations: tuple[Localization, ...] = ()
    """Where the pairs that missed a limit come apart."""
    failures: tuple[Failure, ...] = ()
    durations: tuple[StageDuration, ...] = ()
    baseline: BaselineComparison | None = None
    """Against its base, if one was asked for."""
    verification: Verification | None = None
    """Of the rewriting; None if that wasn't asked for, or not come to."""
    searches: tuple[SearchFound, ...] = ()
    """What each ``auto`` among the variants found."""
    notes: tuple[str, ...] = ()
    """What the reader should know and no gate says: int64 held as int32, an input that was pruned."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The machine and the versions on the Python side."""

    platform: str
    cpu: str
    cores: int
    memory_bytes: int
    python: str
    tensorflow: str | None
    keras: str | None
    numpy: str


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """One run of one manifest."""

    schema_version: int = SCHEMA_VERSION
    tfjsci: str
    manifest: str
    started_at: str
    """UTC, ISO 8601."""
    duration_seconds: float
    stages: tuple[str, ...]
    """Which stages were asked for (``--only``)."""
    outcome: Outcome
    exit_code: int
    machine: Machine
    models: tuple[ModelResult, ...]
    failures: tuple[Failure, ...] = field(default=())
    """Of the run itself, not of one model: no browser, a backend that can't run."""
    dropped: DroppedModels | None = None
    """The models that only the base has; None where there is none, or no base."""
