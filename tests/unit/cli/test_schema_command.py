"""``tfjsci schema``: the shipped schema, on the terminal or whole in a file."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tfjsci.cli import main
from tfjsci.manifest.shipped import shipped_schema_text


def schema(*args: str) -> Result:
    return CliRunner().invoke(main, ["schema", *args], prog_name="tfjsci")


def test_it_prints_json_and_nothing_else() -> None:
    result = schema()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == shipped_schema_text()
    assert "models" in json.loads(result.stdout)["properties"]


def test_it_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "schema.json"
    result = schema("--output", str(path))
    assert (result.exit_code, result.stdout) == (0, f"wrote {path}\n")
    assert path.read_text("utf-8") == shipped_schema_text()
    assert schema("-q", "--output", str(path)).output == ""


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = schema("--output", str(tmp_path / "file" / "schema.json"))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "can't be written" in result.stderr
