"""The few pieces of GitHub's markdown that every part of a report is built from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfjsci.escape import code, code_block, markdown_text
from tfjsci.listed import listed
from tfjsci.report.advice import Step
from tfjsci.report.alike import Alike


def fold(title: str, lines: Sequence[str]) -> list[str]:
    """A section that is closed until it is clicked; ``title`` is ours, not from outside. Nothing, of nothing."""
    if not lines:
        return []
    # GitHub reads markdown inside of HTML only after an empty line.
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""]


def step_text(step: Step) -> str:
    """A step as markdown, its names as code."""
    return step.text.format(*(code(name, 200) for name in step.names))


def numbered(steps: Iterable[str]) -> list[str]:
    """``1. …`` and so on."""
    return [f"{n}. {step}" for n, step in enumerate(steps, start=1)]


def names(values: Sequence[str], most: int) -> str:
    """Names as code with commas between, the first ``most`` of them and how many more."""
    return listed(map(code, values), most)


def failure_lines(failed: Alike) -> list[str]:
    """What failed, where, and what to do: the first line as a sentence, the rest as it came."""
    failure = failed.failure
    first, _, rest = failure.message.strip().partition("\n")
    where = "".join(f", {code(name)}" for name in failed.places)
    lines = [f"- ❌ fail ({markdown_text(failure.stage, 40)}{where}): {markdown_text(first)}"]
    if rest.strip():
        lines += ["", code_block(rest.strip("\n"), indent=2)]
    if failure.hint:
        lines += ["", f"  To fix it: {markdown_text(in_one_line(failure.hint))}"]
    return lines


def in_one_line(text: str) -> str:
    """Sentences that came on several lines."""
    return " ".join(text.split())
