"""The second example, for real: one model fails, one warns, one passes; its report is a reviewed golden file."""

from __future__ import annotations

from pathlib import Path

import pytest
from end_to_end.settled import settled

import tfjsci
from tfjsci.errors import ExitCode
from tfjsci.report.markdown import render_markdown
from tfjsci.results.run_result import RunResult

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "problems.md"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return tfjsci.run(ROOT / "examples" / "problems" / "tfjsci.yml", output=tmp_path_factory.mktemp("problems"))


def test_one_fails_one_warns_one_passes(run: RunResult) -> None:
    assert {model.name: model.outcome for model in run.models} == {
        "slant-eigenvectors": "fail",
        "digits-dense": "warn",
        "slant-formula": "pass",
    }
    assert run.exit_code == ExitCode.MODEL


def test_the_failure_names_the_op_and_nothing_else(run: RunResult) -> None:
    check = run.models[0].op_check
    assert check is not None
    assert [op.op for op in check.unsupported] == ["SelfAdjointEigV2"]
    assert run.models[0].artifacts == ()


def test_the_warning_is_about_the_downloads_that_are_too_large_alone(run: RunResult) -> None:
    misses = [each for each in run.models[1].judgements if each.outcome != "pass"]
    assert [(each.gate, each.variant) for each in misses] == [
        ("download_bytes", "float"),
        ("download_bytes", "float16"),
    ]


def test_the_report_reads_as_reviewed(run: RunResult) -> None:
    text = render_markdown(settled(run, manifest="tfjsci.yml"))
    if not GOLDEN.exists():
        GOLDEN.write_text(text, encoding="utf-8")
        pytest.fail(f"{GOLDEN.name} was not there; it is written now: review it, then run again")
    assert text == GOLDEN.read_text(encoding="utf-8")
