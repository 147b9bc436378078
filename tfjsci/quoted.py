"""What a library said of a failure, in the one line that tells most.

Keras wraps the cause into "Exception encountered when calling …" with the call's arguments below and colours inside. TensorFlow's
AutoGraph puts "in user code:" and a traceback before it.
"""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPER = re.compile(r"(Exception|Error) encountered when calling|Graph execution error|Detected at node|^Traceback ")

_OWN_CODE = "in user code:"
_CAUSE = re.compile(r"\w+(Error|Exception): ")

MOST = 500
"""Characters of it that are quoted."""


def quoted(error: BaseException) -> str:
    """The first line of ``error`` that isn't a wrapper's or a traceback's; the kind of error if it says nothing."""
    # a KeyError says its key alone, in quotes
    said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    lines = [line for raw in _COLOUR.sub("", said).splitlines() if (line := raw.strip())]
    if lines[:1] == [_OWN_CODE]:
        lines = [line for line in lines if _CAUSE.match(line)] or lines
    telling = [line for line in lines if not _WRAPPER.search(line)]
    return next(iter([*telling, *lines]), type(error).__name__)[:MOST]
