"""Mode report: the ``results.json`` of another job is read as a stranger's, and everything in it rendered anew.

The file says nothing about where the report goes: that comes from GitHub's own event, and the pull request is looked
up by the commit of the run that wrote it.
"""

from __future__ import annotations

import stat
from pathlib import Path

from tfjsci.action.outcome import Outcome
from tfjsci.errors import TfjsciError, UsageError
from tfjsci.escape import one_line
from tfjsci.github.commands import JobLog
from tfjsci.github.inputs import Inputs
from tfjsci.results.run_result import RunResult

RESULTS = "results.json"
REPORT = "report.md"


def read_untrusted(inputs: Inputs, log: JobLog) -> Outcome:
    """Read, check and render it; ``report.md`` and the other formats are written into the output folder."""
    path = Path(inputs.results or f"{inputs.output}/{RESULTS}")
    try:
        run = _read(path)
        report = _write(run, inputs)
    except TfjsciError as error:
        return Outcome(error=error)
    _show(run, log)
    return Outcome(run=run, results=path, report=report)


def _read(path: Path) -> RunResult:
    from tfjsci.results.store import read_results

    try:
        found = path.lstat()
    except OSError as error:
        raise UsageError(
            f"{one_line(str(path), 400)}: can't be read: {error.strerror}",
            hint="Download the artifact of the other job first, and name the file in the input results.",
        ) from None
    if not stat.S_ISREG(found.st_mode):
        # A link could lead to a file of this job; a pipe would never end.
        raise UsageError(f"{one_line(str(path), 400)}: not a regular file; results of others are read from one only")
    return read_results(path)


def _write(run: RunResult, inputs: Inputs) -> Path:
    from tfjsci.report.formats import FORMATS, render
    from tfjsci.report.markdown import render_markdown
    from tfjsci.results.atomic import write_whole

    output = Path(inputs.output)
    for name in inputs.formats:
        write_whole(output / FORMATS[name].file_name, render(run, name))
    write_whole(output / REPORT, render_markdown(run))
    return output / REPORT


def _show(run: RunResult, log: JobLog) -> None:
    from tfjsci.report.formats import render

    log.quote(render(run, "terminal"))
