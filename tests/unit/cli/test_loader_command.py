"""``tfjsci loader``: the module as it came with the package, on the terminal or whole in a file."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from tfjsci.artifact.loader import LOADER_NAME, loader_text
from tfjsci.cli import main


def loader(*args: str) -> Result:
    return CliRunner().invoke(main, ["loader", *args], prog_name="tfjsci")


def test_it_prints_the_module_and_nothing_else() -> None:
    result = loader()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == loader_text()
    assert "export async function loadModel(" in result.stdout


def test_it_imports_nothing() -> None:
    lines = loader_text().splitlines()
    assert [line for line in lines if line.startswith("import ") or "import(" in line] == []


def test_it_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "src" / LOADER_NAME
    result = loader("--output", str(path))
    assert (result.exit_code, result.stdout) == (0, f"wrote {path}\n")
    assert path.read_text("utf-8") == loader_text()
