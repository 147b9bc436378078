"""The action's outputs: one table, and the file through which a step hands them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

OUTPUTS: dict[str, str] = {
    "verdict": "pass, warn or fail; error when nothing could be judged.",
    "exit-code": "What tfjsci run would have returned: 0, 1, 2, 3, 70 or 130, whatever fail-on says.",
    "results": "Path of results.json, from the workspace's root; empty when there is none.",
    "report": "Path of report.md, from the workspace's root; empty when there is none.",
    "models-passed": "How many models pass.",
    "models-warned": "How many models pass with warnings.",
    "models-failed": "How many models fail.",
    "comment-url": "Address of the comment on the pull request; empty when there is none.",
}
"""Name and description, as in action.yml."""


def write_outputs(path: Path, values: Mapping[str, str], *, word: Callable[[], str]) -> None:
    """Append ``values`` to the runner's file; ``word`` gives a random one that no value can hold by plan.

    Raises ``ValueError`` on a name that is no output, or one that is missing: they are all written, always.
    """
    if set(values) != set(OUTPUTS):
        raise ValueError(f"outputs are {sorted(OUTPUTS)}, not {sorted(values)}")
    text = ""
    for name, value in values.items():
        delimiter = word()
        while delimiter in value:
            delimiter = word()
        text += f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
