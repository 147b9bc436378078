"""The table of forms, and the command that writes any of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from unit.report import fixtures

from tfjsci.cli.report import report
from tfjsci.errors import UsageError
from tfjsci.report.formats import FORMATS, render
from tfjsci.report.markdown import render_markdown
from tfjsci.results.store import write_results

RUNS = {
    "all-pass": fixtures.all_pass,
    "mixed": fixtures.mixed,
    "no-browser": fixtures.no_browser,
    "hostile": fixtures.hostile,
    "empty": fixtures.run_result,
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_results(fixtures.mixed(), tmp_path / "results.json")
    return tmp_path / "results.json"


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_form_takes_every_run_and_ends_its_last_line(form: str, name: str) -> None:
    text = render(RUNS[name](), form)
    assert text.endswith("\n")
    assert text == render(RUNS[name](), form)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_from_outside_is_left_that_moves_a_cursor_or_turns_the_writing_around(form: str) -> None:
    text = render(fixtures.hostile(), form)
    if FORMATS[form].media_type.endswith("json"):
        text = "".join(_strings(json.loads(text)))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_another_form_is_refused() -> None:
    assert render(fixtures.mixed(), "markdown") == render_markdown(fixtures.mixed())
    with pytest.raises(UsageError, match="no report format 'pdf'"):
        render(fixtures.mixed(), "pdf")


def test_forms_have_file_names_of_their_own() -> None:
    assert len({form.file_name for form in FORMATS.values()}) == len(FORMATS)


def test_a_folder_takes_several_forms_under_their_own_names(results: Path, tmp_path: Path) -> None:
    arguments = [str(results), "--format", "junit", "--format", "badge", "--output", f"{tmp_path}/new/"]
    done = CliRunner().invoke(report, arguments)
    assert (done.exit_code, done.stdout) == (0, "")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"junit.xml", "badge.json"}
    assert (tmp_path / "new/junit.xml").read_text(encoding="utf-8") == render(fixtures.mixed(), "junit")


def test_a_folder_that_is_there_needs_no_slash_and_a_file_keeps_its_name(results: Path, tmp_path: Path) -> None:
    CliRunner().invoke(report, [str(results), "--format", "html", "--output", str(tmp_path)])
    assert (tmp_path / "report.html").is_file()
    CliRunner().invoke(report, [str(results), "--format", "html", "--output", str(tmp_path / "page")])
    assert (tmp_path / "page").read_bytes() == (tmp_path / "report.html").read_bytes()


@pytest.mark.parametrize("output", [[], ["--output", "one-file"]])
def test_several_forms_without_a_folder_are_a_usage_error(results: Path, output: list[str]) -> None:
    with pytest.raises(click.UsageError):
        report.main(
            [str(results), "--format", "html", "--format", "badge", *output], standalone_mode=False
        )  # fmt: skip
    assert not Path("one-file").exists()


def test_only_html_needs_the_template_engine(results: Path) -> None:
    program = (
        "import sys; from tfjsci.report.formats import FORMATS, render; from pathlib import Path\n"
        "from tfjsci.results.store import read_results; run = read_results(Path(sys.argv[1]))\n"
        "heavy = {'jinja2', 'tensorflow', 'keras', 'playwright', 'h5py'}\n"
        "for form in sorted(FORMATS, key=lambda form: form == 'html'):\n"
        "    render(run, form); print(form, heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(results)], capture_output=True, text=True, check=True)
    others = [f"{form} set()" for form in FORMATS if form != "html"]
    assert done.stdout.splitlines() == [*others, "html {'jinja2'}"]


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for each in value.values() for text in _strings(each))]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return [value] if isinstance(value, str) else []
