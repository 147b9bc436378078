"""What TensorFlow says is wrong, as one line: its errors are long, and begin with where it noticed."""

from __future__ import annotations

_WHERE = ("Graph execution error", "Detected at node", "Node: ", "Original stack trace", "<stack traces")
"""How the lines begin that say where TensorFlow noticed it; indented ones are its stack."""


def complaint(error: BaseException) -> str:
    """The line that says what is wrong: the first, or of a graph's execution the last that isn't about where."""
    lines = (str(error).strip() or type(error).__name__).splitlines()
    if not lines[0].startswith(_WHERE[0]):
        return lines[0]
    told = [line for line in lines if line.strip() and not line[0].isspace() and not line.startswith(_WHERE)]
    return told[-1] if told else lines[0]
