"""The manifest's file as a tree that remembers its lines: what is odd is refused with its line, not guessed at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from tfjsci.errors import ManifestError, ManifestProblem
from tfjsci.manifest.compose import Composer, RefusedError
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import manifest_error, show_value

LARGEST_FILE = 1 << 20
"""Bytes; a manifest of a thousand models is a tenth of it."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What was read. ``root`` is a mapping; ``problems`` are those that reading could go on after.

    Such as a key given twice, a key that isn't text, a tag.
    """

    root: Node
    problems: tuple[ManifestProblem, ...]


def read_document(path: Path) -> Document:
    """The file as a tree.

    Raises ``ManifestError``: the file is missing, unreadable, too large, not UTF-8, empty, no mapping, or YAML that is
    broken, nested too deeply or grows without bound.
    """
    return parse_document(_read_text(path), path)


def parse_document(text: str, path: Path) -> Document:
    """The tree of ``text``; ``path`` is for messages. Raises as ``read_document``."""
    composer = Composer(text)
    try:
        root = composer.document()
    except yaml.reader.ReaderError as broken:
        line = text.count("\n", 0, broken.position) + 1
        raise _one(path, line, f"the character {show_value(chr(broken.character))} is not allowed in YAML.") from broken
    except yaml.MarkedYAMLError as broken:
        raise _one(path, *_explain(broken)) from broken
    except RefusedError as refused:
        raise _one(path, refused.line, refused.message, refused.path) from refused
    if root is None or root.value is None:
        raise _one(path, 0, "the file is empty.", hint="Write one with: tfjsci init")
    if not isinstance(root.value, dict):
        raise _one(
            path, root.line, f"a manifest is a mapping (version: 1, models: …), this is {show_value(root.plain())}."
        )
    return Document(root=root, problems=tuple(composer.problems))


def _read_text(path: Path) -> str:
    try:
        if path.is_dir():
            raise _one(path, 0, "this is a folder, not a manifest.")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as missing:
        raise _one(path, 0, "there is no such file.", hint="Write one with: tfjsci init") from missing
    except OSError as unreadable:
        raise _one(path, 0, f"can't be read: {unreadable.strerror}.") from unreadable
    if len(data) > LARGEST_FILE:
        raise _one(path, 0, "the file is larger than 1 MiB, which no manifest is.")
    if b"\0" in data:
        raise _one(path, 0, "this is a binary file (or UTF-16), not a manifest.", hint="Save it as UTF-8 text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        message = f"the byte 0x{data[wrong.start]:02x} is not UTF-8 text."
        raise _one(path, line, message, hint="Save the file as UTF-8.") from wrong


def _one(path: Path, line: int, message: str, where: str = "", *, hint: str | None = None) -> ManifestError:
    return manifest_error(path, [ManifestProblem(line=line, path=where, message=message, hint=hint)])


def _explain(broken: yaml.MarkedYAMLError) -> tuple[int, str]:
    """Line and sentence for what PyYAML's scanner and parser stumble over most; its own words for the rest."""
    mark = broken.problem_mark or broken.context_mark
    line = mark.line + 1 if mark else 0
    problem = broken.problem or broken.context or "can't be read"
    if "'\\t'" in problem or "found a tab" in problem:
        return line, "a tab stands where YAML wants spaces."
    if "mapping values are not allowed" in problem:
        return line, 'a second ": " in one line, or a line indented too far; text with ": " in it goes in quotes.'
    if "could not find expected ':'" in problem:
        return line, 'a key without its ":" before this line, or a line not indented far enough.'
    if "found character" in problem and "cannot start any token" in problem:
        found = problem.replace("that cannot start any token", "").strip()
        return line, f"{found}, which can't start a value; put it in quotes."
    opened = broken.context_mark.line + 1 if broken.context_mark else 0
    context = f" ({broken.context} that starts in line {opened})" if broken.context and opened else ""
    return line, f"not YAML: {problem}{context}."
