"""The action's inputs: one table, from which action.yml, composite/action.yml and docs/github.md are made.

A step's inputs arrive as environment variables, ``fail-on`` as ``INPUT_FAIL-ON``; one that isn't given is there with
its default, or empty. ``script/make_action.py`` writes what is made from this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.github.secret import Token, token_from
from tfjsci.nearest import did_you_mean

Mode = Literal["gate", "report"]
CommentMode = Literal["always", "changes", "failures", "off"]
FailOn = Literal["error", "warn", "never"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What an input may be. ``read`` raises ``ValueError`` with what is wrong, to be put behind the input's name."""

    expects: str
    """In words, for the documentation."""
    read: Callable[[str], Any]


def choice(*options: str) -> Kind:
    """One word of several."""

    def read(text: str) -> str:
        if text not in options:
            raise ValueError(f'"{one_line(text)}" is not one of {", ".join(options)}.{did_you_mean(text, options)}')
        return text

    return Kind(expects=" ".join(f"`{option}`" for option in options), read=read)


def _text(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError(f'"{one_line(text)}" has control characters')
    return text


def _switch(text: str) -> bool:
    # What YAML 1.2 calls a boolean; the runner hands it on as it was written.
    if text.lower() not in ("true", "false"):
        raise ValueError(f'"{one_line(text)}" is neither true nor false')
    return text.lower() == "true"


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in re.split(r"[,\n]", text) if (name := _text(part.strip()))))


def _key(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise ValueError(f'"{one_line(text)}" is no key: letters, digits, ".", "_" and "-", at most 64')
    return text


TEXT = Kind(expects="text", read=_text)
PATH = Kind(expects="path", read=_text)
SWITCH = Kind(expects="`true` `false`", read=_switch)
NAMES = Kind(expects="names, with commas or on lines", read=_names)
KEY = Kind(expects="letters, digits, `.`, `_`, `-`", read=_key)
SECRET = Kind(expects="token", read=token_from)


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input. ``default`` is as action.yml has it; an expression of GitHub's counts as empty elsewhere."""

    name: str
    kind: Kind
    default: str
    description: str

    @property
    def variable(self) -> str:
        """The environment variable: the runner makes it upper case and keeps hyphens."""
        return f"INPUT_{self.name.upper()}"

    @property
    def shell_variable(self) -> str:
        """The same as a shell can hold it, which knows no hyphens; composite/action.yml sets this one."""
        return self.variable.replace("-", "_")

    def given(self, environ: Mapping[str, str]) -> str | None:
        """What it was set to, under either name."""
        return environ.get(self.variable) or environ.get(self.shell_variable)

    def value(self, given: str | None) -> Any:
        """The typed value; empty means not given. Raises ``ValueError``."""
        text = (given or "").strip() or ("" if self.default.startswith("${{") else self.default)
        return self.kind.read(text)


INPUTS: tuple[Input, ...] = (
    Input(name="manifest", kind=PATH, default="tfjsci.yml", description="The manifest, from the workspace's root."),
    Input(name="output", kind=PATH, default="tfjsci-output",
          description="Folder for results.json, report.md, the log and the artifacts, from the workspace's root."),
    Input(name="models", kind=NAMES, default="", description="Only these models of the manifest; empty: all."),
    Input(name="only", kind=NAMES, default="",
          description="Only these stages: convert, check, quantize, verify, compare, benchmark; convert is always done. "
          "Empty: all."),
    Input(name="baseline", kind=PATH, default="",
          description="Hold the models against an earlier run: its output folder, from the workspace's root."),
    Input(name="baseline-ref", kind=TEXT, default="",
          description="Hold the models against those of a commit, such as origin/main; check out with fetch-depth: 0. "
          "Empty: the manifest's baseline, if it has one."),
    Input(name="mode", kind=choice(*get_args(Mode)), default="gate",
          description="gate runs the manifest; report runs nothing, and reports the results.json of another job."),
    Input(name="results", kind=PATH, default="",
          description="In mode report: the results.json to report. Empty: results.json in the output folder."),
    Input(name="fail-on", kind=choice(*get_args(FailOn)), default="error",
          description="What fails the step: error, a model that fails; warn, also one that warns; never, no verdict of "
          "a model. A manifest that is wrong, or a machine that lacks something, always does."),
    Input(name="comment", kind=choice(*get_args(CommentMode)), default="changes",
          description="The comment on the pull request: always; changes, from the first warning, failure or "
          "difference from the base on; failures, from the first failure on; off. Once it is there, it is kept up to date."),
    Input(name="comment-key", kind=KEY, default="default",
          description="Comments of different keys stand side by side: one for each job that reports."),
    Input(name="annotations", kind=SWITCH, default="true",
          description="Whether misses are annotated at the manifest's lines."),
    Input(name="annotation-prefix", kind=TEXT, default="",
          description="Put before the manifest's path in annotations; -DIR/ takes that off its front instead, for a "
          "repository that was checked out into DIR."),
    Input(name="summary", kind=SWITCH, default="true", description="Whether the report is in the job's summary."),
    Input(name="formats", kind=NAMES, default="",
          description="More files to write beside report.md, by format. Empty: none."),
    Input(name="allow-code", kind=SWITCH, default="false",
          description="Let code that is inside a model file run, the scripts of custom_ops, and custom_objects and metrics of "
          "the manifest's own. Only for files that you trust, never for pull requests of strangers."),
    Input(name="token", kind=SECRET, default="${{ github.token }}",
          description="For the comment: needs pull-requests: write. A token that can only read is enough for all else."),
)  # fmt: skip
"""In the order in which a reader of action.yml should meet them. Descriptions are plain sentences."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The inputs, typed; one field for each of ``INPUTS``."""

    manifest: str
    output: str
    models: tuple[str, ...]
    only: tuple[str, ...]
    baseline: str
    baseline_ref: str
    mode: Mode
    results: str
    fail_on: FailOn
    comment: CommentMode
    comment_key: str
    annotations: bool
    annotation_prefix: str
    summary: bool
    formats: tuple[str, ...]
    allow_code: bool
    token: Token


def read_inputs(environ: Mapping[str, str], *, choices: Mapping[str, Sequence[str]]) -> Inputs:
    """What the step was given. ``choices``: the names that an input of ``NAMES`` may hold, where they are known.

    Raises ``UsageError`` with every problem, one a line.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for each in INPUTS:
        value, problem = _read(each, each.given(environ), choices.get(each.name))
        values[each.name.replace("-", "_")] = value
        problems += [f"{each.name}: {problem}"] if problem else []
    if problems:
        raise UsageError(
            "\n".join(problems) if len(problems) > 1 else f"input {problems[0]}",
            hint="Correct the step's `with:` (INPUT_… variables, outside of GitHub).",
        )
    return Inputs(**values)


def unknown_inputs(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each ``INPUT_`` variable that is no input: mostly a slip, where GitHub isn't there to warn."""
    known = {name: each.name for each in INPUTS for name in (each.variable, each.shell_variable)}
    # The runner's own keys of `with:` for actions in containers.
    strange = sorted(set(environ) - set(known) - {"INPUT_ARGS", "INPUT_ENTRYPOINT"})
    return [
        f"there is no input {one_line(name.removeprefix('INPUT_').lower())}, it is ignored."
        + did_you_mean(name.removeprefix("INPUT_").lower(), known.values())
        for name in strange
        if name.startswith("INPUT_")
    ]


def _read(wanted: Input, given: str | None, options: Sequence[str] | None) -> tuple[Any, str | None]:
    """The value, or what is wrong with it."""
    try:
        value = wanted.value(given)
    except ValueError as error:
        return None, str(error)
    unknown = [name for name in value if name not in options] if options is not None else []
    if options is None or not unknown:
        return value, None
    meant = did_you_mean(unknown[0], options)
    return None, f'"{one_line(unknown[0])}" is not one of {", ".join(options)}.{meant}'
