"""The report of a run that never was: the manifest is wrong, the machine lacks something."""

from __future__ import annotations

from tfjsci.errors import ExitCode, TfjsciError
from tfjsci.escape import code_block, markdown_text
from tfjsci.report.markup import in_one_line

_WHAT = {
    ExitCode.USAGE: "nothing ran, the manifest or an input is wrong",
    ExitCode.ENVIRONMENT: "nothing ran, the machine lacks something",
    ExitCode.BUG: "nothing was judged, a bug of tfjsci",
    ExitCode.INTERRUPTED: "interrupted",
}
_LONGEST = 20_000
"""Characters of the message; the log has all of it."""


def render_refusal(error: TfjsciError) -> str:
    """The heading, the error's message as it is, and what to do."""
    what = _WHAT.get(ExitCode(error.exit_code), "nothing was judged")
    lines = [f"### TensorFlow.js models: {what}", "", code_block(error.message, _LONGEST)]
    if error.hint:
        lines += ["", f"To fix it: {markdown_text(in_one_line(error.hint))}"]
    return "\n".join(lines) + "\n"
