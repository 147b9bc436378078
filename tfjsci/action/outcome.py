"""What came of the step's main job, before anyone is told: a run's results, or the error that there is none for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tfjsci.errors import ExitCode, TfjsciError
from tfjsci.github.commands import Annotation
from tfjsci.github.inputs import FailOn
from tfjsci.results.run_result import RunResult


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Either ``run`` or ``error`` is there. ``results`` and ``report`` are files, where they were written or read."""

    run: RunResult | None = None
    error: TfjsciError | None = None
    annotations: tuple[Annotation, ...] = ()
    results: Path | None = None
    report: Path | None = None

    @property
    def verdict(self) -> str:
        """``pass``, ``warn``, ``fail``, or ``error``."""
        return self.run.outcome if self.run else "error"

    @property
    def exit_code(self) -> ExitCode:
        """What ``tfjsci run`` returns."""
        if self.run is not None:
            return ExitCode(self.run.exit_code)
        return ExitCode(self.error.exit_code) if self.error else ExitCode.OK

    @property
    def changed(self) -> bool:
        """Whether a model's artifacts are other than the base's, or the base has models that the manifest has no longer."""
        if self.run is None:
            return False
        held = (model.baseline for model in self.run.models if model.baseline is not None)
        return self.run.dropped is not None or any(each.changed for each in held)

    def outputs(self, workspace: Path, comment_url: str) -> Mapping[str, str]:
        """The values of ``OUTPUTS``."""
        counts = {"pass": 0, "warn": 0, "fail": 0}
        for model in self.run.models if self.run else ():
            counts[model.outcome] += 1
        return {
            "verdict": self.verdict,
            "exit-code": str(int(self.exit_code)),
            "results": _from(workspace, self.results),
            "report": _from(workspace, self.report),
            "models-passed": str(counts["pass"]),
            "models-warned": str(counts["warn"]),
            "models-failed": str(counts["fail"]),
            "comment-url": comment_url,
        }


def step_exit_code(outcome: Outcome, fail_on: FailOn) -> ExitCode:
    """What the step ends with. ``fail_on`` is about models' verdicts; every other failure stays one."""
    code = outcome.exit_code
    if code is ExitCode.MODEL and fail_on == "never":
        return ExitCode.OK
    if code is ExitCode.OK and fail_on == "warn" and outcome.verdict == "warn":
        return ExitCode.MODEL
    return code


def _from(workspace: Path, path: Path | None) -> str:
    if path is None:
        return ""
    try:
        # As the steps after this one see it, which run outside of the container.
        return path.absolute().relative_to(workspace.absolute()).as_posix()
    except ValueError:
        return path.as_posix()
