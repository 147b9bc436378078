"""Columns become arrays of the input's kind, and a cell that isn't of it is told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.errors import BadInputs
from tfjsci.inputs.source import read_source
from tfjsci.inputs.table import read_table
from tfjsci.manifest.resolved import InputFile

CSV = 'id,text,"age, in years",flag\n1,"a, b",2.5,true\n2,"two\nlines",-1e3,0\n'
JSONL = '{"ids": [1, 2], "text": "a\\u2028b", "x": 1}\n\n{"ids": [3, 4], "text": "c", "x": 2.5}\n'


def read(
    folder: Path, text: str, *columns: str, dtype: str = "float32", name: str = "x", kind: str = "csv", **more: Any
) -> Any:
    path = folder / f"t.{kind}"
    path.write_text(text, "utf-8")
    return read_table(InputFile(path=path, key=None, text=path.name, columns=columns, **more), name=name, dtype=dtype)


@pytest.mark.parametrize(
    ("column", "dtype", "values"),
    [
        ("id", "int32", [1, 2]),
        ("age, in years", "float32", [2.5, -1000.0]),
        ("text", "string", ["a, b", "two\nlines"]),
        ("flag", "bool", [True, False]),
    ],
)
def test_a_column_of_each_kind(tmp_path: Path, column: str, dtype: str, values: list[Any]) -> None:
    assert read(tmp_path, CSV, column, dtype=dtype).tolist() == values
    assert read(tmp_path, CSV, column, dtype=dtype, samples=1).tolist() == values[:1]


def test_several_columns_are_a_row_and_the_inputs_name_is_a_column(tmp_path: Path) -> None:
    assert read(tmp_path, CSV, "id", "age, in years").tolist() == [[1, 2.5], [2, -1000.0]]
    assert read(tmp_path, CSV, name="id").tolist() == [1, 2]
    assert read(tmp_path, "only\n3\n").tolist() == [3], "the only column needs no name"


def test_objects_a_line_with_lists_and_text(tmp_path: Path) -> None:
    assert read(tmp_path, JSONL, "ids", kind="jsonl", dtype="int64").tolist() == [[1, 2], [3, 4]]
    assert read(tmp_path, JSONL, "text", kind="jsonl", dtype="string").tolist() == ["a\u2028b", "c"]
    assert read(tmp_path, JSONL, kind="jsonl").tolist() == [1, 2.5]
    inside = '{"x": 1, "more": {"x": 2}}\n{"x": 3}\n'
    assert read(tmp_path, inside, kind="jsonl").tolist() == [1, 3], "a key is of one object, no other has it"


@pytest.mark.parametrize(
    ("kind", "text", "dtype", "message"),
    [
        ("csv", "x\n1\nmany\n", "float32", "line 3, column 'x': \"many\" is not a number"),
        ("csv", "x\n1_000\n", "float32", "is not a number"),
        ("csv", "x\n1.5\n", "int32", '"1.5" is not a whole number'),
        ("csv", "x\n99999999999999999999\n", "int64", "is not a whole number"),
        ("csv", "x\nnan\n", "int64", "is not a whole number"),
        ("csv", "x\nmaybe\n", "bool", '"maybe" is not true or false'),
        ("csv", "x,y\n1\n", "float32", "line 2 has 1 cell, the first line has 2 names"),
        ("csv", "x\n1,2\n", "float32", "line 2 has 2 cells, the first line has 1 name"),
        ("csv", "x,x\n1,2\n", "float32", "two columns have one name"),
        ("csv", 'x\n"1\n', "float32", "can't be read"),
        ("csv", "x\n", "float32", "has no rows"),
        ("csv", "", "float32", "has no rows"),
        ("csv", "a,b\n1,2\n", "float32", "has no column 'x', and not just one column; it has 'a', 'b'"),
        ("jsonl", '{"x": 1}\nx\n', "float32", "line 2 is not JSON"),
        ("jsonl", '{"x": 1}\n{"x": 2, "x": 3}\n', "float32", "t.jsonl, line 2 has 'x' twice"),
        ("jsonl", '{"x": 1, "y": 2, "y": 2}\n', "float32", "line 1 has 'y' twice"),
        ("jsonl", '{"x": 1, "other": {"a": 1, "a": 2}}\n', "float32", "line 1 has 'a' twice"),
        ("jsonl", "[1]\n", "float32", "line 1 is not an object"),
        ("jsonl", '{"x": 1}\n{"y": 2}\n', "float32", "line 2 has no 'x'"),
        ("jsonl", '{"x": null}\n', "float32", "line 1 has no 'x'"),
        (
            "jsonl",
            '{"x": [1]}\n{"x": [1, 2]}\n',
            "float32",
            "line 2: the value is of another shape than the first row's",
        ),
        ("jsonl", '{"x": [[1], [1, 2]]}\n', "float32", "line 1: its lists differ in length"),
        ("jsonl", '{"x": true}\n', "float32", "true is not a number"),
        ("jsonl", '{"x": 3}\n', "string", "3 is not text"),
        ("jsonl", "[" * 100_000, "string", "line 1 is not JSON"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(
    tmp_path: Path, kind: str, text: str, dtype: str, message: str
) -> None:
    with pytest.raises(BadInputs) as caught:
        read(tmp_path, text, kind=kind, dtype=dtype)
    assert message in caught.value.message
    assert caught.value.message.startswith(f"input 'x': t.{kind}")


def test_a_column_that_is_not_there_has_a_near_one(tmp_path: Path) -> None:
    with pytest.raises(BadInputs, match="has no column 'txt'") as caught:
        read(tmp_path, CSV, "txt", dtype="string")
    assert 'Did you mean "text"?' in str(caught.value.hint)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"x\n1\n\xff\n")
    with pytest.raises(BadInputs, match="line 3 is not UTF-8"):
        read_table(InputFile(path=path, key=None, text="t.csv"), name="x", dtype="float32")


def test_one_number_a_sample_fits_rows_of_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x\n1\n2\n")
    file = InputFile(path=path, key=None, text="t.csv")
    values, origin = read_source(file, name="x", shape=(None, 1), dtype="int32")
    assert (values.tolist(), values.dtype, origin) == ([[1], [2]], np.int32, "t.csv")
    assert read_source(file, name="x", shape=(None,), dtype="int32")[0].shape == (2,)
