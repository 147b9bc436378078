"""Mode gate: the manifest is run, as ``tfjsci run`` does it, and the log says so in GitHub's way."""

from __future__ import annotations

import io
from pathlib import Path

from tfjsci.action.groups import Groups
from tfjsci.action.outcome import Outcome
from tfjsci.action.world import World
from tfjsci.errors import ExitCode, ManifestError, TfjsciError, UsageError
from tfjsci.escape import one_line
from tfjsci.github.commands import JobLog
from tfjsci.github.event import Surroundings
from tfjsci.github.inputs import Inputs
from tfjsci.results.run_result import RunResult

LOG_COLUMNS = 140
"""GitHub's log wraps later than a terminal."""

LOG_TAIL_BYTES = 60_000
"""Of tfjsci.log, when the machine failed: enough for a browser's last words."""


def run_manifest(inputs: Inputs, world: World, surroundings: Surroundings, log: JobLog) -> Outcome:
    """Run it. Expected errors are in the outcome; of a run that was interrupted nothing is told."""
    if surroundings.event.name == "pull_request_target":
        return Outcome(
            error=UsageError(
                "tfjsci does not run under pull_request_target: there a stranger's models would meet this repository's "
                "secrets and a token that can write",
                hint="Use pull_request, and the two-job workflow of docs/github.md for comments on forks.",
            )
        )
    try:
        return _run(inputs, world, log)
    except ManifestError as error:
        from tfjsci.report.annotations import annotate_manifest

        return Outcome(error=error, annotations=tuple(annotate_manifest(error, file=_place(inputs))))
    except TfjsciError as error:
        return Outcome(error=error)


def _run(inputs: Inputs, world: World, log: JobLog) -> Outcome:
    from tfjsci.api.runs import LOG, REPORT, RESULTS, prepare
    from tfjsci.chatter import chatter_to
    from tfjsci.report.annotations import annotate_run

    manifest, output = Path(inputs.manifest), Path(inputs.output)
    plan = prepare(
        manifest,
        output,
        models=inputs.models,
        only=inputs.only,
        allow_code=inputs.allow_code,
        baseline=Path(inputs.baseline) if inputs.baseline else None,
        baseline_ref=inputs.baseline_ref or None,
    )
    # The job's log has a descriptor of its own, so it isn't swallowed with what TensorFlow and Chromium say.
    with chatter_to(output / LOG):
        run = world.gate(plan, manifest_name=inputs.manifest, progress=Groups(log))
    _show(run, log)
    if run.exit_code not in (ExitCode.OK, ExitCode.MODEL):
        show_log(output / LOG, log)
    _write_formats(run, inputs, output)
    key_lines = {spec.name: spec.key_lines for spec in plan.models}
    return Outcome(
        run=run,
        annotations=tuple(annotate_run(run, key_lines, file=_place(inputs))),
        results=output / RESULTS,
        report=output / REPORT,
    )


def _place(inputs: Inputs) -> str | None:
    from tfjsci.report.annotations import manifest_place

    return manifest_place(Path(inputs.manifest), Path.cwd(), inputs.annotation_prefix)


def _show(run: RunResult, log: JobLog) -> None:
    """The report's short form."""
    from rich.console import Console

    from tfjsci.report.terminal import render_terminal

    text = io.StringIO()
    render_terminal(run, Console(file=text, highlight=False, no_color=True, width=LOG_COLUMNS))
    log.quote(text.getvalue())


def show_log(path: Path, log: JobLog) -> None:
    """The end of what the tools said, folded, unable to act."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        tail = file.read().decode("utf-8", "replace")
    with log.group(f"The end of {path.as_posix()}"):
        log.quote("\n".join(one_line(line, 2_000) for line in tail.splitlines()))


def _write_formats(run: RunResult, inputs: Inputs, output: Path) -> None:
    from tfjsci.report.formats import FORMATS, render
    from tfjsci.results.atomic import write_whole

    for name in inputs.formats:
        write_whole(output / FORMATS[name].file_name, render(run, name))
