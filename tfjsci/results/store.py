"""``RunResult`` ⇄ ``results.json``: versioned, and strict both ways.

History of the format:

- 1 (tfjsci 0.1.0): the first.

What is written is valid JSON whatever was measured: a number that isn't finite is written as null, and whatever
couldn't be read back isn't written. Object keys stand in the order of the dataclasses' fields, and those of mappings
sorted, so that equal results are equal files. What is read may come from a stranger's pull request: it is capped in
size, checked against the types, unknown keys are refused, and nothing in it is ever a path to open or text to run.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.results.atomic import write_whole
from tfjsci.results.run_result import SCHEMA_VERSION, RunResult

SIZE_LIMIT_BYTES = 64 * 1024 * 1024
"""Larger files are refused unread: ten thousand models with all their samples stay below it."""

_MOST_PROBLEMS = 10


def write_results(run: RunResult, path: Path) -> None:
    """Write ``path`` (``DIR/results.json``), whole or not at all; artifacts' folders become relative to its folder.

    Raises ``OutputUnwritable`` when the disk says no, and ``ValueError`` on a result that the format can't hold, such
    as an artifact outside of the folder or a required number that isn't finite (a bug in the stage that made it).
    """
    write_whole(path, to_json(run, folder=path.parent))


def to_json(run: RunResult, *, folder: Path) -> str:
    """The text of ``results.json`` as it stands in ``folder``. Raises ``ValueError`` as ``write_results`` does."""
    text = json.dumps(_plain(_with_relative_paths(run, folder)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        from_text(text, name="results.json")
    except UsageError as error:
        raise ValueError(f"these results couldn't be read back: {error.message}") from error
    return text


def read_results(path: Path) -> RunResult:
    """Read what ``write_results`` wrote.

    Raises ``UsageError``: no such file, too large, not JSON, not results of tfjsci, of a newer version, or amended by
    hand into something else.
    """
    try:
        with path.open("rb") as file:
            # One more than allowed, instead of asking for the size first: a pipe has none, and a file may grow.
            data = file.read(SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file", hint="tfjsci run writes one: DIR/results.json.") from None
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror or error}") from error
    if len(data) > SIZE_LIMIT_BYTES:
        raise UsageError(f"{path}: larger than {SIZE_LIMIT_BYTES >> 20} MiB, the most that is read")
    return from_text(data, name=str(path))


def from_text(text: str | bytes, *, name: str) -> RunResult:
    """``RunResult`` from the text of a ``results.json``; ``name`` stands in messages. Raises ``UsageError``."""
    try:
        # Not json.loads: this one refuses NaN, bad UTF-8 and bottomless nesting, each with a ValueError.
        given = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise UsageError(
            f"{name}: not valid JSON: {one_line(str(error), 200)}",
            hint="The file is cut off or was changed; tfjsci run writes a new one.",
        ) from error
    _check_version(given, name)
    try:
        run = _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        raise _refusal(name, list(_problems(error))) from error
    unknown = list(_unknown(given, _plain(run)))
    # Paths next: an artifact's folder in a stranger's file must not point at anything outside.
    outside = [f"models[{m}].artifacts[{a}].path: {why}" for m, a, why in _bad_paths(run)]
    if unknown or outside:
        raise _refusal(name, [*unknown, *outside])
    return run


@cache
def _adapter() -> TypeAdapter[RunResult]:
    return TypeAdapter(RunResult)


def _plain(value: Any) -> Any:
    """What JSON can hold, in a stable order. Half a surrogate pair (a file name that isn't UTF-8) becomes U+FFFD."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in sorted(value.items())}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, PurePath):
        return _plain(value.as_posix())
    if isinstance(value, str):
        return (
            "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value) if not value.isascii() else str(value)
        )
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)  # exit codes are enums
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    raise TypeError(f"{type(value).__name__} has no place in results.json")


def _with_relative_paths(run: RunResult, folder: Path) -> RunResult:
    def relative(path: Path) -> Path:
        if path.is_absolute() and not folder.is_absolute():
            return Path(os.path.relpath(path, folder.absolute()))
        # Relative to where the run was started (out/models/a), or already to the file (models/a) when it was read.
        return path.relative_to(folder) if path.is_relative_to(folder) else path

    return replace(
        run,
        models=tuple(
            replace(model, artifacts=tuple(replace(a, path=relative(a.path)) for a in model.artifacts))
            for model in run.models
        ),
    )


def _check_version(given: Any, name: str) -> None:
    version = given.get("schema_version") if isinstance(given, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or "tfjsci" not in given:
        raise UsageError(
            f"{name}: not results of tfjsci: there is no schema_version beside a tfjsci version",
            hint="Give the results.json that tfjsci run wrote.",
        )
    if version > SCHEMA_VERSION:
        writer = one_line(str(given["tfjsci"]), 40)
        raise UsageError(
            f"{name}: written by tfjsci {writer} in format {version}; this one reads up to {SCHEMA_VERSION}",
            hint="Update tfjsci, or run the version that wrote it.",
        )
    if version < 1:
        raise UsageError(f"{name}: there is no format {version}; the first is 1")


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        yield f"{_path(problem['loc'])}: {problem['msg']}"


def _path(steps: tuple[int | str, ...]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{one_line(step, 40)}" if text else one_line(step, 40)
    return text


def _unknown(given: Any, known: Any, path: tuple[int | str, ...] = ()) -> Iterator[str]:
    """The keys that no type knows: pydantic leaves a stdlib dataclass's extra keys out without a word."""
    if isinstance(given, dict) and isinstance(known, dict):
        for key, value in given.items():
            if key in known:
                yield from _unknown(value, known[key], (*path, key))
            else:
                yield f"{_path((*path, key))}: unknown key"
    elif isinstance(given, list) and isinstance(known, list):
        for index, (one, other) in enumerate(zip(given, known, strict=True)):
            yield from _unknown(one, other, (*path, index))


def _bad_paths(run: RunResult) -> Iterator[tuple[int, int, str]]:
    for m, model in enumerate(run.models):
        for a, artifact in enumerate(model.artifacts):
            path = PurePosixPath(artifact.path.as_posix())
            if path.is_absolute() or ".." in path.parts:
                yield m, a, f"{one_line(str(path))} is not inside of the results' folder"


def _refusal(name: str, problems: list[str]) -> UsageError:
    shown = problems[:_MOST_PROBLEMS]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return UsageError(
        f"{name}: not results of tfjsci in format {SCHEMA_VERSION}:\n" + "\n".join(f"  {problem}" for problem in shown),
        hint="The file was changed or comes from elsewhere; tfjsci run writes a new one.",
    )
