"""One mistake in a manifest, told as ``file:line: key path: what is wrong``, with untrusted text made visible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tfjsci.errors import ManifestError, ManifestProblem
from tfjsci.escape import visible

Key = str | int
"""A step of a key path: a mapping's key, or a list's index."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 60
_MOST_LISTED = 100


def show_path(path: Sequence[Key]) -> str:
    """``("models", 2, "inputs", "a.b")`` -> ``models[2].inputs["a.b"]``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif len(key) <= _LONGEST_SHOWN and _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        else:
            text += f"[{show_value(key)}]"
    return text


def show_value(value: Any) -> str:
    """A value as it could stand in the manifest: quoted if text, cut if long, without characters that can't be seen."""
    text = visible(json.dumps(value, ensure_ascii=False, default=str))
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f'{text[: _LONGEST_SHOWN - 2]}…"' if isinstance(value, str) else f"{text[: _LONGEST_SHOWN - 1]}…"


def manifest_error(path: Path, problems: Iterable[ManifestProblem]) -> ManifestError:
    """All the mistakes as one error, in the file's order, one a line: ``tfjsci.yml:14: models[2].name: …``."""
    ordered = tuple(sorted(problems, key=lambda problem: problem.line))
    lines = [show_problem(path, problem) for problem in ordered[:_MOST_LISTED]]
    if len(ordered) > _MOST_LISTED:
        lines.append(f"… and {len(ordered) - _MOST_LISTED} more mistakes")
    return ManifestError("\n".join(lines), problems=ordered)


def show_problem(path: Path, problem: ManifestProblem) -> str:
    """``tfjsci.yml:14: models[2].quantize[0].dtype: "int8" is not one of … Did you mean uint8?``."""
    where = f"{visible(str(path))}:{problem.line}" if problem.line else visible(str(path))
    middle = f"{problem.path}: " if problem.path else ""
    return f"{where}: {middle}{problem.message}" + (f" {problem.hint}" if problem.hint else "")
