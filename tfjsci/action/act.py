"""The straight line of a step: inputs, the job, what is told of it, the exit code; and the one place that catches."""

from __future__ import annotations

import os
import signal
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from tfjsci._version import __version__
from tfjsci.action.outcome import Outcome, step_exit_code
from tfjsci.action.ownership import hand_over, missing_folders
from tfjsci.action.publish import CommentMade, write_comment, write_summary
from tfjsci.action.world import SECRETS, World, choose_workspace, this_world
from tfjsci.errors import ExitCode, ManifestError, TfjsciError
from tfjsci.github.commands import JobLog
from tfjsci.github.event import Surroundings, read_surroundings
from tfjsci.github.inputs import Inputs, read_inputs, unknown_inputs
from tfjsci.github.outputs import write_outputs


def main() -> int:
    """The process's own step: what entrypoint.py calls. Returns the exit code."""

    def interrupt(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    # A cancelled job's container gets SIGTERM; as the first process of it, Python would not even notice.
    signal.signal(signal.SIGTERM, interrupt)
    return act(this_world())


def act(world: World) -> int:
    """The whole step in ``world``; the exit code. Whatever happens, the log says so and the outputs are written."""
    surroundings = read_surroundings(world.environ)
    log = JobLog(world.out, on_github=surroundings.on_github, word=world.word)
    try:
        return _guarded(world, surroundings, log)
    except KeyboardInterrupt:
        log.error("interrupted")
        return _broken_off(ExitCode.INTERRUPTED, world, surroundings)
    except Exception:  # noqa: BLE001  # the last resort: whatever gets here is a bug, and is told as one
        log.quote(traceback.format_exc())
        log.error(
            f"this is a bug of tfjsci {__version__}, not a mistake of yours. Please report it with the text above."
        )
        return _broken_off(ExitCode.BUG, world, surroundings)


def _broken_off(code: ExitCode, world: World, surroundings: Surroundings) -> ExitCode:
    """The outputs of a step that ended before it came to them."""
    path = surroundings.output_file
    if path is not None and not (path.exists() and "verdict<<" in path.read_text(encoding="utf-8")):
        error = TfjsciError("broken off")
        error.exit_code = code
        _write_outputs(Outcome(error=error), surroundings, world, Path.cwd(), "")
    return code


def _guarded(world: World, surroundings: Surroundings, log: JobLog) -> int:
    from tfjsci.plan import STAGE_NAMES
    from tfjsci.report.formats import FORMATS

    workspace = Path.cwd()
    try:
        inputs = read_inputs(world.environ, choices={"only": STAGE_NAMES, "formats": tuple(FORMATS)})
    except TfjsciError as error:
        return _refused(Outcome(error=error), world, surroundings, log, workspace)
    log.keep_out(inputs.token)
    for name in SECRETS:
        world.environ.pop(name, None)
    for sentence in unknown_inputs(world.environ):
        log.warning(sentence)
    workspace = choose_workspace(world, inputs.manifest)
    os.chdir(workspace)
    output = Path(inputs.output)
    made, since = missing_folders(output.absolute()), time.time_ns()
    try:
        outcome = _job(inputs, world, surroundings, log)
        return _told(outcome, inputs, world, surroundings, log, workspace)
    finally:
        for failed in hand_over(output, made, workspace, since_ns=since):
            log.warning(f"not given to the workspace's owner: {failed}")


def _job(inputs: Inputs, world: World, surroundings: Surroundings, log: JobLog) -> Outcome:
    if inputs.mode == "report":
        from tfjsci.action.untrusted import read_untrusted

        return read_untrusted(inputs, log)
    from tfjsci.action.gate import run_manifest

    return run_manifest(inputs, world, surroundings, log)


def _told(
    outcome: Outcome, inputs: Inputs, world: World, surroundings: Surroundings, log: JobLog, workspace: Path
) -> int:
    """Everyone is told; the exit code of the step."""
    if outcome.error is not None:
        _say_error(outcome, inputs, log)
    if inputs.annotations:
        for annotation in outcome.annotations:
            log.annotate(annotation)
    if inputs.summary:
        write_summary(outcome, surroundings, log)
    # A results.json that can't be read is no news about the pull request: only its own job knows what happened.
    hostile = inputs.mode == "report" and outcome.error is not None
    comment = CommentMade() if hostile else write_comment(outcome, inputs, world, surroundings, log)
    _write_outputs(outcome, surroundings, world, workspace, comment.url)
    if inputs.mode == "report":
        # The gate's own job has failed by the verdict already; this one fails when it couldn't report.
        code = outcome.exit_code if outcome.error else ExitCode.OK
        return ExitCode.ENVIRONMENT if comment.broken and code is ExitCode.OK else code
    if outcome.run is not None:
        log.quote(f"report: {Path(inputs.output) / 'report.md'}")
    return step_exit_code(outcome, inputs.fail_on)


def _refused(outcome: Outcome, world: World, surroundings: Surroundings, log: JobLog, workspace: Path) -> int:
    """The inputs themselves are wrong: there is nobody to tell but the log, the summary and the outputs."""
    assert outcome.error is not None
    log.error(str(outcome.error))
    write_summary(outcome, surroundings, log)
    _write_outputs(outcome, surroundings, world, workspace, "")
    return outcome.exit_code


def _say_error(outcome: Outcome, inputs: Inputs, log: JobLog) -> None:
    error = outcome.error
    assert error is not None
    told = outcome.annotations if inputs.annotations else ()
    if not told:
        log.error(str(error))
    elif isinstance(error, ManifestError) and len(error.problems) > len(told):
        log.quote(str(error))  # the annotations don't have them all


def _write_outputs(
    outcome: Outcome, surroundings: Surroundings, world: World, workspace: Path, comment_url: str
) -> None:
    if surroundings.output_file is not None:
        write_outputs(surroundings.output_file, outcome.outputs(workspace, comment_url), word=world.word)
