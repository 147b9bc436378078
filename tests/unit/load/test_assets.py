from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tfjsci.errors import CorruptModel
from tfjsci.load.assets import LINE_NUMBER, WHOLE_LINE, inside_assets, vocabulary
from tfjsci.load.named_folder import named


def read(file: Path, **more: Any) -> list[list[Any]]:
    asked = {
        "key_index": WHOLE_LINE, "value_index": LINE_NUMBER, "delimiter": b"\t", "size": -1, "offset": 0,
        "dtypes": ("string", "int64"), "path": "t", **more,
    }  # fmt: skip
    return [column.tolist() for column in vocabulary(file, **asked)]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "words.txt"
    file.write_bytes("ein\t1.5\r\nzwei\t-2\n\ndrei ä\t3".encode())
    return file


def test_lines_are_keys_and_their_numbers_values(lines: Path) -> None:
    assert read(lines) == [[b"ein\t1.5", b"zwei\t-2", b"", "drei ä\t3".encode()], [0, 1, 2, 3]]
    assert read(lines, size=2, offset=5) == [[b"ein\t1.5", b"zwei\t-2"], [5, 6]]


def test_columns_are_taken_apart(lines: Path) -> None:
    columns = {"key_index": 0, "value_index": 1, "size": 2, "dtypes": ("string", "float32")}
    assert read(lines, **columns) == [[b"ein", b"zwei"], [1.5, -2.0]]
    assert read(lines, key_index=LINE_NUMBER, value_index=0, size=2, dtypes=("int64", "string")) == [
        [0, 1],
        [b"ein", b"zwei"],
    ]


def test_what_does_not_fit_is_told_with_the_file(lines: Path, tmp_path: Path) -> None:
    for more in ({"size": 9}, {"key_index": 0, "value_index": 1}, {"value_index": 0, "size": 1}):
        with pytest.raises(CorruptModel, match=r"words\.txt of the look-up table t"):
            read(lines, **more)
    with pytest.raises(CorruptModel, match=r"none\.txt"):
        read(tmp_path / "none.txt")


def test_no_asset_lies_outside(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "assets" / "link").symlink_to(tmp_path / "secret")
    assert inside_assets(named(tmp_path), "words.txt") == tmp_path / "assets" / "words.txt"
    for name in ("../secret", "/etc/passwd", "link", "a/../../secret", "", "..\\secret"):
        with pytest.raises(CorruptModel, match="outside of its assets"):
            inside_assets(named(tmp_path), name)
