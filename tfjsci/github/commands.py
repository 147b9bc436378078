"""The job's log: annotations, folded groups, and text of others that must not act.

The runner reads every line of a step's output for commands: ``::name key=value::data`` at its start, and, the old way,
``##[name]`` anywhere in it. So data and properties are escaped, and whatever holds a name from outside stands between
``::stop-commands::`` and the same random word (``ActionCommand.cs`` and ``ActionCommandManager.cs`` of the runner).
All goes to one stream: the runner reads standard output and error side by side, in no fixed order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TextIO

from tfjsci.escape import one_line, shorten
from tfjsci.github.secret import Token

AnnotationLevel = Literal["error", "warning", "notice"]

TITLE_LIMIT = 255
"""GitHub's, for an annotation's title."""

ANNOTATION_LIMIT = 4_000
"""Characters; the runner cuts a message at 4,096 (``_maxIssueMessageLength``)."""


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A remark at a line of a file of the repository, or about the whole run. Its texts may come from outside."""

    level: AnnotationLevel
    message: str
    title: str
    file: str | None = None
    line: int | None = None


def escape_data(text: str) -> str:
    """For what stands behind ``::``. The percent sign goes first, or the others' would be escaped again."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """For the value of a ``key=``."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, data: str = "", **properties: str | int | None) -> str:
    """One command, as a line without its end; properties that are None or empty are left out."""
    shown = ",".join(
        f"{key}={escape_property(str(value))}" for key, value in properties.items() if value not in (None, "")
    )
    return f"::{name}{' ' if shown else ''}{shown}::{escape_data(data)}"


def annotation_command(annotation: Annotation) -> str:
    """The command that makes an annotation; its lines stay lines, and everything else that is invisible is shown."""
    lines = [one_line(line, ANNOTATION_LIMIT) for line in annotation.message.splitlines()]
    return command(
        annotation.level,
        shorten("\n".join(lines), ANNOTATION_LIMIT),
        file=annotation.file,
        line=annotation.line if annotation.file and annotation.line else None,
        title=one_line(annotation.title, TITLE_LIMIT),
    )


class JobLog:
    """What a step says. Outside of GitHub the same as plain lines; the token is in neither.

    ``word`` gives a random word nobody can guess.
    """

    def __init__(self, out: TextIO, *, on_github: bool, word: Callable[[], str]) -> None:
        self._out = out
        self._on_github = on_github
        self._word = word
        self._token = Token()

    def keep_out(self, token: Token) -> None:
        """From now on, wherever this would be printed, stars are."""
        self._token = token

    def annotate(self, annotation: Annotation) -> None:
        """An annotation; outside of GitHub ``tfjsci.yml:3: warning: …``."""
        if self._on_github:
            self._write(annotation_command(annotation))
            return
        place = f"{annotation.file}:" if annotation.file else ""
        place += f"{annotation.line}:" if annotation.file and annotation.line else ""
        lines = [one_line(line, ANNOTATION_LIMIT) for line in annotation.message.splitlines()]
        self._write(f"{one_line(place, 400)}{' ' if place else ''}{annotation.level}: " + "\n  ".join(lines))

    def notice(self, message: str) -> None:
        """Something that the reader should know, and need not mend."""
        self.annotate(Annotation(level="notice", message=message, title="tfjsci"))

    def warning(self, message: str) -> None:
        """Something that went wrong and changes no verdict."""
        self.annotate(Annotation(level="warning", message=message, title="tfjsci"))

    def error(self, message: str) -> None:
        """Why the step fails."""
        self.annotate(Annotation(level="error", message=message, title="tfjsci"))

    def quote(self, text: str) -> None:
        """Text with words from outside in it: nothing in it is a command."""
        with self.quoting():
            self.line(text.removesuffix("\n"))

    def line(self, text: str) -> None:
        """A line inside of ``quoting``."""
        self._write(text)

    @contextmanager
    def quoting(self) -> Iterator[None]:
        """While this lasts, the runner takes nothing that is printed for a command."""
        if not self._on_github:
            yield
            return
        word = self._word()
        self._write(command("stop-commands", word))
        try:
            yield
        finally:
            self._write(f"::{word}::")

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """A part of the log that is folded on GitHub."""
        if not self._on_github:
            yield
            return
        self._write(command("group", one_line(title)))
        try:
            yield
        finally:
            self._write("::endgroup::")

    def _write(self, text: str) -> None:
        self._out.write(self._token.redact(text) + "\n")
        self._out.flush()
