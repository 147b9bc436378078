"""Columns of a CSV or JSONL file as an array: numbers, flags and text, whatever the input takes.

A CSV file has a first line of names; a JSONL file has one object a line. What isn't a value of the input's kind is an
error with its line, never a guess.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.listed import plural
from tfjsci.manifest.resolved import InputFile
from tfjsci.nearest import did_you_mean
from tfjsci.repeated_key import RepeatedKeyError, each_key_once

MAX_TABLE_BYTES = 256 << 20
"""Largest file that is read; a row of text is many times its size in memory."""

SUFFIXES = (".csv", ".jsonl")

_FLAGS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, kw_only=True)
class _Row:
    """``line`` counts from 1, in the file."""

    line: int
    cells: dict[str, Any]


def read_table(file: InputFile, *, name: str, dtype: str) -> npt.NDArray[np.generic]:
    """``[n]`` of one column, ``[n, …]`` of one whose values are lists (JSONL), ``[n, k]`` of ``k`` columns.

    The columns are those that ``file`` names, or the one of the input's ``name``, or the only one. By the input's ``dtype`` the
    values are float64, int64, bool, or text (objects). Raises ``BadInputs`` with the line: no such column, a cell that is
    missing or isn't of that kind, lists of different lengths.
    """
    where = f"input {name!r}: {file.text}"
    text = _text(file, where)
    rows = list(_take(_csv_rows(text, where) if file.path.suffix == ".csv" else _json_rows(text, where), file.samples))
    if not rows:
        raise BadInputs(
            f"{where} has no rows", hint="The first line of a CSV file names the columns, the others are samples."
        )
    columns = _columns(file, name, list(rows[0].cells), where)
    kind = "string" if dtype == "string" else np.dtype(dtype).kind
    # Numbers of complex inputs are real ones here: no table has another spelling.
    read = {"string": _string, "b": _flag, "i": _whole, "u": _whole}.get(kind, _number)
    values = []
    for row in rows:
        cells = [_cell(row, column, where) for column in columns]
        told = f"{where}, line {row.line}"
        each = [_nested(cell, read, f"{told}, column {column!r}") for cell, column in zip(cells, columns, strict=True)]
        values.append(each[0] if len(columns) == 1 else each)
    return _array(values, rows, kind, where)


def _text(file: InputFile, where: str) -> str:
    if not file.path.is_file():
        there = "isn't a file" if file.path.exists() else "isn't there"
        raise BadInputs(f"{where} {there}", hint="Paths are relative to the manifest.")
    try:
        with file.path.open("rb") as stream:
            data = stream.read(MAX_TABLE_BYTES + 1)
        if len(data) > MAX_TABLE_BYTES:
            raise BadInputs(f"{where} has more than {MAX_TABLE_BYTES} bytes", hint="Keep fewer samples in the file.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInputs(f"{where}, line {line} is not UTF-8 text", hint="Save the file as UTF-8.") from error
    except OSError as error:
        raise BadInputs(f"{where} can't be read: {error.strerror or error}") from error


def _take(rows: Iterator[_Row], samples: int | None) -> Iterator[_Row]:
    for count, row in enumerate(rows):
        if count == samples:
            return
        yield row


def _csv_rows(text: str, where: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(reader, [])
        if len(set(names)) != len(names):
            raise BadInputs(f"{where}: two columns have one name", hint="Give each its own in the first line.")
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                if len(cells) != len(names):
                    raise BadInputs(
                        f"{where}, line {start} has {plural(len(cells), 'cell')}, the first line has "
                        f"{plural(len(names), 'name')}",
                        hint="Put cells that have a comma in them in quotes.",
                    )
                yield _Row(line=start, cells=dict(zip(names, cells, strict=True)))
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadInputs(
            f"{where}, line {reader.line_num} can't be read: {error}", hint="Save it as comma-separated text."
        ) from error


def _json_rows(text: str, where: str) -> Iterator[_Row]:
    # Not splitlines(): a line separator may stand inside of a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line, object_pairs_hook=each_key_once)
        except RepeatedKeyError as error:
            raise BadInputs(f"{where}, line {number} has {error.key!r} twice", hint="Keep one of the two.") from error
        except (ValueError, RecursionError) as error:
            raise BadInputs(f"{where}, line {number} is not JSON: {error}", hint="One object a line.") from error
        if not isinstance(cells, dict):
            raise BadInputs(f"{where}, line {number} is not an object", hint='One object a line: {"text": "…"}.')
        yield _Row(line=number, cells=cells)


def _columns(file: InputFile, name: str, known: Sequence[str], where: str) -> tuple[str, ...]:
    if file.columns:
        for column in file.columns:
            if column not in known:
                raise BadInputs(
                    f"{where} has no column {column!r}; it has {', '.join(map(repr, known))}",
                    hint=f"Name its columns under `columns:`.{did_you_mean(column, known)}",
                )
        return file.columns
    if name in known:
        return (name,)
    if len(known) == 1:
        return (known[0],)
    raise BadInputs(
        f"{where} has no column {name!r}, and not just one column; it has {', '.join(map(repr, known))}",
        hint="Name the column with `columns: [name]` beside the file; several make one row of the input.",
    )


def _cell(row: _Row, column: str, where: str) -> Any:
    if column not in row.cells or row.cells[column] is None:
        raise BadInputs(f"{where}, line {row.line} has no {column!r}", hint="Each sample needs a value.")
    return row.cells[column]


def _nested(cell: Any, read: Any, where: str) -> Any:
    return [_nested(each, read, where) for each in cell] if isinstance(cell, list) else read(cell, where)


def _number(cell: Any, where: str) -> float:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    try:
        if not isinstance(cell, str) or "_" in cell:  # 1_000 is a number to Python alone
            raise ValueError
        return float(cell)
    except ValueError:
        raise _refused(cell, "a number", where) from None


def _whole(cell: Any, where: str) -> int:
    if isinstance(cell, str) and re.fullmatch(r"\s*[-+]?[0-9]{1,19}\s*", cell):
        cell = int(cell)
    exact = cell if isinstance(cell, int) and not isinstance(cell, bool) else _number(cell, where)
    if exact != exact or abs(exact) >= 2**63 or int(exact) != exact:
        raise _refused(cell, "a whole number", where)
    return int(exact)


def _flag(cell: Any, where: str) -> bool:
    found = cell if isinstance(cell, bool) else _FLAGS.get(str(cell).strip().lower())
    if found is None:
        raise _refused(cell, "true or false", where)
    return found


def _string(cell: Any, where: str) -> str:
    if not isinstance(cell, str):
        raise _refused(cell, "text", where)
    return cell


def _refused(cell: Any, wanted: str, where: str) -> BadInputs:
    shown = json.dumps(cell, ensure_ascii=False)
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    return BadInputs(f"{where}: {shown} is not {wanted}", hint="Mend the file, or name another column.")


def _array(values: list[Any], rows: Sequence[_Row], kind: str, where: str) -> npt.NDArray[np.generic]:
    first = _shape(values[0])
    for value, row in zip(values, rows, strict=True):
        if first is None or _shape(value) != first:
            why = (
                "its lists differ in length" if first is None else "the value is of another shape than the first row's"
            )
            raise BadInputs(f"{where}, line {row.line}: {why}", hint="Pad the lists to one length.")
    dtype: Any = {"string": object, "b": np.bool_, "i": np.int64, "u": np.int64}.get(kind, np.float64)
    made: npt.NDArray[np.generic] = np.empty((len(values), *(first or ())), dtype)
    made[...] = values
    return made


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of nested lists, or None: they are ragged."""
    if not isinstance(value, list):
        return ()
    inner = {_shape(each) for each in value}
    if len(inner) > 1 or None in inner:
        return None
    return (len(value), *(inner.pop() if inner else ()))  # type: ignore[misc]  # None was returned above
