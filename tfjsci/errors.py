"""The catalogue of errors: what each means, its exit code, and what the reader can do next.

A stage raises one of these; only the top (the command, the pipeline's per-model guard) catches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command; the documentation's table is made from these."""

    OK = 0
    MODEL = 1
    USAGE = 2
    ENVIRONMENT = 3
    BUG = 70
    INTERRUPTED = 130


GRAVITY = (
    ExitCode.INTERRUPTED,
    ExitCode.BUG,
    ExitCode.USAGE,
    ExitCode.ENVIRONMENT,
    ExitCode.MODEL,
    ExitCode.OK,
)
"""Gravest first: when a run has several outcomes, the first of these decides its exit code."""


def gravest(codes: list[ExitCode]) -> ExitCode:
    """The exit code that wins among ``codes`` (``OK`` of none)."""
    return min([*codes, ExitCode.OK], key=GRAVITY.index)


class TfjsciError(Exception):
    """An expected failure, told to the person who can fix it: what, where, and what to do.

    ``message`` says what is wrong and where; ``hint`` says what to do about it; ``code`` is a stable
    identifier for machines (results.json, annotations).
    """

    exit_code = ExitCode.BUG
    code = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(TfjsciError):
    """The command line or the manifest can't be acted on; nothing ran."""

    exit_code = ExitCode.USAGE
    code = "usage"


@dataclass(frozen=True, kw_only=True)
class ManifestProblem:
    """One mistake in a manifest. ``line`` counts from 1, 0 is the whole file; ``path`` is the key path, maybe empty."""

    line: int
    path: str
    message: str
    hint: str | None = None


class ManifestError(UsageError):
    """The manifest has mistakes; all of them are listed, one a line, each with ``file:line`` and key path.

    ``problems`` are the same mistakes one by one, for annotations.
    """

    code = "manifest"

    def __init__(self, message: str, *, hint: str | None = None, problems: tuple[ManifestProblem, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class ModelError(TfjsciError):
    """This model fails; the other models go on."""

    exit_code = ExitCode.MODEL
    code = "model"


class MissingModel(ModelError):
    """The source isn't there."""

    code = "missing-model"


class DownloadFailed(ModelError):
    """The source is an address that can't be fetched from, or answers with something else than a model."""

    code = "download-failed"


class CorruptModel(ModelError):
    """The source is there but can't be read as the format it claims to be."""

    code = "corrupt-model"


class MissingScript(ModelError):
    """A script that registers the model's custom ops isn't there."""

    code = "missing-script"


class UnknownFormat(ModelError):
    """The source is of no format that tfjsci reads."""

    code = "unknown-format"


class UnknownSignature(ModelError):
    """The SavedModel has no signature of that name."""

    code = "unknown-signature"


class CodeRefused(ModelError):
    """The model carries code, or ops that touch files or Python, or needs scripts of the manifest's; nothing of that ran."""

    code = "code-refused"


class ConversionFailed(ModelError):
    """The model was read, but can't be expressed as a TensorFlow.js graph."""

    code = "conversion-failed"


class UnsupportedOps(ModelError):
    """Ops or attributes that TensorFlow.js can't run on a backend asked for."""

    code = "unsupported-ops"


class BadInputs(ModelError):
    """An input file is missing, or has wrong names, shapes or dtypes."""

    code = "bad-inputs"


class MetricFailed(ModelError):
    """A metric of the manifest's can't be imported, throws, or gives no number."""

    code = "metric-failed"


class UnknownOutput(ModelError):
    """The manifest speaks of an output that the model hasn't."""

    code = "unknown-output"


class ReferenceFailed(ModelError):
    """The original model couldn't be run in TensorFlow with these inputs."""

    code = "reference-failed"


class SearchFailed(ModelError):
    """``quantize: auto`` found no combination that meets its thresholds, or ran out of time before it could look for one."""

    code = "search-failed"


class NumbersDiffer(ModelError):
    """The converted model ran in the browser and gave other numbers than the original."""

    code = "numbers-differ"


class BrowserJobFailed(ModelError):
    """The page threw, hung past its deadline, or died; that job alone is lost."""

    code = "browser-job-failed"


class EnvironmentFailed(TfjsciError):
    """The machine lacks what the run needs."""

    exit_code = ExitCode.ENVIRONMENT
    code = "environment"


class BrowserMissing(EnvironmentFailed):
    """No browser could be found or started."""

    code = "browser-missing"


class RuntimeMissing(EnvironmentFailed):
    """The TensorFlow.js release files aren't installed beside the package."""

    code = "runtime-missing"


class BackendUnavailable(EnvironmentFailed):
    """The backend asked for can't run here, or the browser gave another one."""

    code = "backend-unavailable"


class OutputUnwritable(EnvironmentFailed):
    """The output folder can't be written, or the disk is full."""

    code = "output-unwritable"


class PackageMissing(EnvironmentFailed):
    """An optional package that this source needs isn't installed."""

    code = "package-missing"


class TensorFlowMissing(EnvironmentFailed):
    """TensorFlow or Keras can't be imported."""

    code = "tensorflow-missing"


class RewriteBug(TfjsciError):
    """Rewriting changed the numbers of a model: a bug of ours, not of the model."""

    code = "rewrite-bug"
